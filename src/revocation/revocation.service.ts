import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import type { Principal } from '../common/principal.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Transactions } from '../platform/database/transactions.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RevocationState } from './revocation-state.js';

const TOPIC = 'revocations';
const POLL_MS = 1_000;
const PRUNE_MS = 30_000;
const SKEW_SECONDS = 60;
/** How old our knowledge may be before a token that is older still is neither accepted nor refused. */
const MAX_STALENESS_SECONDS = 60;

const NEWER = {
  name: 'revocations_newer',
  text: `SELECT seq, session_id, extract(epoch FROM expires_at)::float8 AS expires_at FROM revocations
    WHERE seq > $1 AND expires_at > $2 ORDER BY seq`,
};

const PRUNE = { name: 'revocations_prune', text: 'DELETE FROM revocations WHERE expires_at <= $1' };

interface Entry {
  seq: string;
  session_id: string;
  expires_at: number;
}

/** What has been revoked: appended in the transaction of its cause, known in memory to every instance. */
@Injectable()
export class RevocationService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RevocationService.name);
  private readonly state = new RevocationState();
  private readonly timers: NodeJS.Timeout[] = [];
  private applied = 0;
  private syncedAt = -Infinity;
  private syncing: Promise<void> | null = null;

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.catchUp();
    this.bus.on(TOPIC, () => this.catchUp());
    const quietly = (work: () => Promise<unknown>) => () =>
      void work().catch((error: unknown) => this.logger.debug(String(error)));
    this.timers.push(
      setInterval(
        quietly(() => this.catchUp()),
        POLL_MS,
      ).unref(),
    );
    this.timers.push(
      setInterval(
        quietly(() => this.prune()),
        PRUNE_MS,
      ).unref(),
    );
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /**
   * Revokes sessions (uuids) as the last step of the transaction of `manager`: the numbers are taken under a row lock
   * that is held until the commit, so the log has no gaps and is read in the order in which it was committed.
   */
  async append(sessionIds: string[], manager: EntityManager): Promise<void> {
    if (sessionIds.length === 0) return;
    const now = this.clock.now();
    const expiresAt = Math.ceil(now / 1000) + this.config.accessTokenTtl + SKEW_SECONDS;
    await manager.query(
      `WITH head AS (UPDATE revocation_head SET seq = seq + cardinality($1::uuid[]) RETURNING seq)
       INSERT INTO revocations (seq, session_id, revoked_at, expires_at)
       SELECT head.seq - cardinality($1::uuid[]) + ended.position, ended.id, $2, to_timestamp($3)
       FROM head, unnest($1::uuid[]) WITH ORDINALITY AS ended (id, position)`,
      [sessionIds, new Date(now), expiresAt],
    );
    await this.bus.notify(TOPIC, manager);
    this.transactions.afterCommit(manager, () => {
      for (const id of sessionIds) this.state.add(shortUuid(id), expiresAt);
    });
  }

  /** Passes a principal whose token stands. Throws `token_revoked`, and `unavailable` where we cannot know. */
  check(principal: Principal): void {
    if (this.state.has(principal.session)) throw new AppError('token_revoked');
    const staleness = (performance.now() - this.syncedAt) / 1000;
    if (staleness > MAX_STALENESS_SECONDS && this.clock.seconds() - principal.issuedAt > MAX_STALENESS_SECONDS) {
      throw new AppError('unavailable', { retryAfterSeconds: 5 });
    }
  }

  /** Reads what this instance has not seen yet. One flight at a time; who arrives meanwhile waits for a fresh one. */
  async catchUp(): Promise<void> {
    if (this.syncing) await this.syncing.catch(() => undefined);
    this.syncing ??= this.readNewer().finally(() => (this.syncing = null));
    await this.syncing;
  }

  private async readNewer(): Promise<void> {
    const startedAt = performance.now();
    const entries = await this.database.execute<Entry & Record<string, unknown>>(NEWER, [
      this.applied,
      this.clock.date(),
    ]);
    for (const entry of entries) this.state.add(shortUuid(entry.session_id), entry.expires_at);
    if (entries.length > 0) this.applied = Number(entries.at(-1)!.seq);
    this.syncedAt = startedAt;
  }

  private async prune(): Promise<void> {
    this.state.prune(this.clock.seconds());
    await this.database.execute(PRUNE, [this.clock.date()]);
  }
}
