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
      const [row] = await this.database.execute<{ lowest: string | null }>(LOWEST, []);
      if (row?.lowest != null && Number(row.lowest) >= seq) return true;
      await sleep(ASK_EVERY_MS);
    }
    return false;
  }
}
