import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Jobs } from '../jobs/jobs.js';
import { Database, type Statement } from './database.js';

const PURGE_MS = 60_000;
const PORTION = 5_000;

/** The kinds of single-use values that others make, so that there is no row of them before their use. */
export type SingleUseKind = 'dpop_proof' | 'client_assertion';

const SPEND: Statement = {
  name: 'single_use_spend',
  text: `INSERT INTO single_use_values (kind, hash, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (kind, hash) DO NOTHING RETURNING true AS spent`,
};

const PURGE: Statement = {
  name: 'single_use_purge',
  text: `DELETE FROM single_use_values WHERE (kind, hash) IN (
    SELECT kind, hash FROM single_use_values WHERE expires_at <= $1 LIMIT ${PORTION} FOR UPDATE SKIP LOCKED)
    RETURNING true AS purged`,
};

/**
 * Makes values of other parties work once, on all instances together: of several callers with the same value at the
 * same time, one is admitted.
 */
@Injectable()
export class SingleUse implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'single-use-purge', every: PURGE_MS, onePerCluster: true, run: () => this.purge() });
  }

  /** Returns true the first time, by one statement. From `expiresAt` on the value is refused for its age. */
  async spend(kind: SingleUseKind, hash: Buffer, expiresAt: Date): Promise<boolean> {
    const spent = await this.database.execute(SPEND, [kind, hash, expiresAt]);
    return spent.length === 1;
  }

  /**
   * Deletes values that would be refused for their age. It deletes in portions, so that few rows are locked at a time.
   */
  async purge(): Promise<void> {
    let purged = PORTION;
    while (purged === PORTION) purged = (await this.database.executeLong(PURGE, [this.clock.date()])).length;
  }
}
