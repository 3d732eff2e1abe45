import type { QueryRunner } from 'typeorm';
import { soon } from '../flows/service-process.js';
import type { TestApp } from './create-app.js';

/** A lock on rows by a test: every transaction that needs them waits until the test releases it. */
export class RowLock {
  private constructor(
    private readonly app: TestApp,
    private readonly runner: QueryRunner,
  ) {}

  /** Takes the lock. `rows` is a query that locks them, such as `SELECT FROM users WHERE id = $1 FOR UPDATE`. */
  static async take(app: TestApp, rows: string, parameters: unknown[] = []): Promise<RowLock> {
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(rows, parameters);
    return new RowLock(app, runner);
  }

  /** Resolves once so many other transactions wait for a lock in this database. */
  async isWaitedFor(others = 1): Promise<void> {
    const waiting = async () => {
      const [{ count }] = await this.app.dataSource.query<[{ count: number }]>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return count >= others;
    };
    if (!(await soon(waiting))) throw new Error(`never have ${others} waited`);
  }

  /** Changes something before the waiting transactions continue. */
  async change(sql: string, parameters: unknown[]): Promise<void> {
    await this.runner.query(sql, parameters);
  }

  async release(): Promise<void> {
    await this.runner.commitTransaction();
    await this.runner.release();
  }
}
