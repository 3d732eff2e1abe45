import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';

/**
 * An instance that has not been heard of for so long does not serve any more, or refuses by itself: it may be frozen or
 * cut off from the database, and until then answers by what it knew (`MAX_STALENESS_SECONDS`).
 */
const GONE_AFTER = "interval '60 seconds'";
const ASK_EVERY_MS = 10;

// By the clock of the database, which all instances share.
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

/** How far every instance has read the log. */
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

  /** A process that serves nobody is not waited for, and has no row. */
  async report(applied: number): Promise<void> {
    if (this.jobs.enabled) await this.database.execute(REPORT, [this.id, applied]);
  }

  async leave(): Promise<void> {
    await this.database.execute(LEAVE, [this.id]);
  }

  async forgetGone(): Promise<void> {
    await this.database.execute(FORGET, []);
  }

  /** Whether all running instances have applied number `seq`, waiting for them until `timeoutMs` are over. */
  async haveApplied(seq: number, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      if ((await this.nextLowest()) >= seq) return true;
    }
    return false;
  }

  /** How far all running instances are, by a reading that begins from here on: one for all who wait on this instance. */
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
