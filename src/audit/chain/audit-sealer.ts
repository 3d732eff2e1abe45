import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { ClusterBus } from '../../platform/events/cluster-bus.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { linkAfter, START, type Link } from './chain.js';
import { HEAD, SEAL, SIGN, TAKE, WAITING } from './chain.statements.js';
import { Checkpoints } from './checkpoints.js';
import { makePartition } from './partitions.js';

/** The topic of `ClusterBus` that tells of events that were sealed. */
export const AUDIT_TOPIC = 'audit';

const EVERY_MS = 1_000;
const BATCH = 1_000;
/** Taken while the chain is continued, on whichever instance comes first. */
const SEALER_LOCK = 7_262_008;

interface Head {
  seq: string | null;
  hash: Buffer | null;
  sealed_at: Date;
}

/**
 * Seals events: moves them from where their transactions write them into the chain. An event whose transaction commits
 * late gets a later number, so that nobody who writes an event waits for the chain.
 */
@Injectable()
export class AuditSealer implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly checkpoints: Checkpoints,
    private readonly bus: ClusterBus,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'audit-seal', every: EVERY_MS, run: () => this.sealAll() });
  }

  /** Seals all events that wait. Another instance that is at it already does the work. */
  async sealAll(): Promise<void> {
    const [row] = await this.database.execute<{ waiting: boolean }>(WAITING, []);
    for (let waiting = row!.waiting; waiting;)
      waiting = (await this.transactions.run(sealBatch(this.checkpoints, this.bus))) === BATCH;
  }
}

/** Seals the next events and signs the end of the chain. Returns how many there were. */
const sealBatch =
  (checkpoints: Checkpoints, bus: ClusterBus) =>
  async (manager: EntityManager): Promise<number> => {
    const [lock] = await manager.query<[{ held: boolean }]>('SELECT pg_try_advisory_xact_lock($1) AS held', [
      SEALER_LOCK,
    ]);
    if (!lock.held) return 0;
    const [head] = await manager.query<[Head]>(HEAD);
    const sealedAt = head.sealed_at;
    const events = await manager.query<{ id: string; content: string }[]>(TAKE, [sealedAt, BATCH]);
    if (events.length === 0) return 0;
    let end: Link = head.seq === null ? START : { seq: Number(head.seq), hash: head.hash! };
    const links = events.map(({ content }) => (end = linkAfter(end, content)));
    await makePartition(sealedAt, manager);
    const ids = events.map(({ id }) => id);
    await manager.query(SEAL, [ids, links.map(({ seq }) => seq), links.map(({ hash }) => hash), sealedAt]);
    const { seq, hash, jws, mac } = checkpoints.sign(end, sealedAt);
    await manager.query(SIGN, [seq, hash, sealedAt, jws, mac]);
    await bus.notify(AUDIT_TOPIC, manager);
    return events.length;
  };
