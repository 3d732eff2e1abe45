import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

type AfterCommit = () => void | Promise<void>;

/** Runs work in one transaction, and what must follow its commit afterwards. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly followers = new WeakMap<EntityManager, AfterCommit[]>();

  constructor(private readonly dataSource: DataSource) {}

  /** The answer to the caller waits for the followers too; a follower that fails is logged, for the commit stands. */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const followers: AfterCommit[] = [];
    const result = await this.dataSource.transaction((manager) => {
      this.followers.set(manager, followers);
      return work(manager);
    });
    for (const follower of followers) {
      try {
        await follower();
      } catch (error) {
        this.logger.error('A step after a commit failed', error);
      }
    }
    return result;
  }

  /** Registers a step for after the commit of the transaction that `manager` belongs to. */
  afterCommit(manager: EntityManager, follower: AfterCommit): void {
    const followers = this.followers.get(manager);
    if (!followers) throw new Error('afterCommit needs the manager of a transaction started by Transactions.run');
    followers.push(follower);
  }
}
