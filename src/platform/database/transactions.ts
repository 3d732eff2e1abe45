import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { takeLong } from './limits.js';
import { pauseAfterLostRace } from './lost-race.js';

type Work<T> = (manager: EntityManager) => Promise<T>;
type AfterCommit = () => void | Promise<void>;

/** Runs work in one transaction, and what must follow its commit afterwards. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly followers = new WeakMap<EntityManager, AfterCommit[]>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * The answer to the caller waits for the followers too; a follower that fails is logged, for the commit stands. A
   * transaction that PostgreSQL has undone for a lost race runs again, up to three times: besides what goes through its
   * manager, the work changes nothing that outlives it.
   */
  async run<T>(work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const followers: AfterCommit[] = [];
      let result: T;
      try {
        result = await this.dataSource.transaction((manager) => {
          this.followers.set(manager, followers);
          return work(manager);
        });
      } catch (error) {
        await pauseAfterLostRace(error, attempt);
        continue;
      }
      await this.follow(followers);
      return result;
    }
  }

  /** Likewise, for work on very many rows: its statements may take a minute, where those of others may take 2 s. */
  runLong<T>(work: Work<T>): Promise<T> {
    return this.run(async (manager) => {
      await takeLong(manager);
      return work(manager);
    });
  }

  /** Registers a step for after the commit of the transaction that `manager` belongs to. */
  afterCommit(manager: EntityManager, follower: AfterCommit): void {
    const followers = this.followers.get(manager);
    if (!followers) throw new Error('afterCommit needs the manager of a transaction started by Transactions.run');
    followers.push(follower);
  }

  private async follow(followers: readonly AfterCommit[]): Promise<void> {
    for (const follower of followers) {
      try {
        await follower();
      } catch (error) {
        this.logger.error('A step after a commit failed', error);
      }
    }
  }
}
