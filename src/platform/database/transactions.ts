import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { takeLong } from './limits.js';
import { pauseAfterLostRace } from './lost-race.js';

type Work<T> = (manager: EntityManager) => Promise<T>;
type AfterCommit = () => void | Promise<void>;

/** Runs work in one transaction, and the registered steps after its commit. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly followers = new WeakMap<EntityManager, AfterCommit[]>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work`, commits, and waits for the steps after the commit. A step that fails is logged, because the commit
   * cannot be undone. A transaction that PostgreSQL has rolled back for a lost race runs again, up to three times: so
   * `work` must change nothing lasting except through its manager.
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

  /** Like {@link run}, for work on very many rows: its statements may take a minute instead of 2 s. */
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
