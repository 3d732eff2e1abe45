import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';

/**
 * An instance that has not reported for so long has stopped, or refuses all tokens by itself. It may be frozen or
 * without its database, and uses its last knowledge until then (`MAX_STALENESS_SECONDS`).
 */
const GONE_AFTER = "interval '60 seconds'";
const ASK_EVERY_MS = 10;

// Times are by the clock of the database, which all instances share.
const REPORT: Statement = {
  name: 'revocation_reader_report',
  text: `INSERT INTO revocation_readers (id, applied, seen_at) VALUES ($1, $2, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET applied = excluded.applied, seen_at = excluded.seen_at`,
};
const LEAVE: Statement = { name: 'revocation_reader_leave', text: 'DELETE FROM revocation_readers WHERE id = $1' };
const LOWEST: Statement = {
  name: 'revocation_reader_lowest',
  text: `SELECT min(applied) AS lowest FROM revocation_readers WHERE seen_at > clock_timestamp() - ${GONE_AFTER}`,
};
const FORGET: Statement = {
  name: 'revocation_reader_forget',
  text: `DELETE FROM revocation_readers WHERE seen_at < clock_timestamp() - interval '1 hour'`,
};

/** Stores how far every instance has read the log. */
@Injectable()
export class RevocationReaders {
  private readonly id = randomUUID();
  private current: Promise<number> | null = null;
  private next: Promise<number> | null = null;
  private readAt = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  /**
   * Reports how far this instance has read the log. A process without requests has no row, and nothing waits for it.
   */
  async report(applied: number): Promise<void> {
    if (this.jobs.enabled) await this.database.execute(REPORT, [this.id, applied]);
  }

  async leave(): Promise<void> {
    await this.database.execute(LEAVE, [this.id]);
  }

  async forgetGone(): Promise<void> {
    await this.database.execute(FORGET, []);
  }

  /**
   * Waits until all running instances have applied number `seq`, for `timeoutMs` at most, and tells whether they have.
   */
  async haveApplied(seq: number, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      if ((await this.nextLowest()) >= seq) return true;
    }
    return false;
  }

  /**
   * Returns the lowest number that all running instances have applied, by a reading that begins after the call. All
   * callers on this instance share it.
   */
  private nextLowest(): Promise<number> {
    return (this.next ??= this.readInTurn());
  }

  private async readInTurn(): Promise<number> {
    await this.current?.catch(() => undefined);
    this.next = null;
    return (this.current = this.readLowest());
  }

  private async readLowest(): Promise<number> {
    await sleep(Math.max(0, this.readAt + ASK_EVERY_MS - performance.now()));
    this.readAt = performance.now();
    const [row] = await this.database.execute<{ lowest: string | null }>(LOWEST, []);
    return row?.lowest == null ? -1 : Number(row.lowest);
  }
}
