import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { ClusterBus } from '../../platform/events/cluster-bus.js';
import type { AuditRow } from '../audit-reader.js';
import { AUDIT_TOPIC } from '../chain/audit-sealer.js';
import { AFTER, END } from './tail.statements.js';

/** A sealed event. */
export interface SealedEvent extends AuditRow {
  readonly seq: string;
}

/**
 * Reads the end of the chain. Events have their numbers in the order in which they were sealed, and each batch is sealed in
 * one transaction after the one before, so that nothing appears later behind a number that was read.
 */
@Injectable()
export class AuditTail {
  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
  ) {}

  /** Calls `wake` when any instance has sealed events. A wake-up may be lost. */
  onEvents(wake: () => Promise<void>): void {
    this.bus.on(AUDIT_TOPIC, wake);
  }

  /** Returns the number of the last event; 0 where there is none. */
  async end(): Promise<number> {
    const [row] = await this.database.execute<{ seq: string }>(END, []);
    return Number(row!.seq);
  }

  /** Returns the oldest events behind a number, `limit` at most. */
  after(seq: number, limit: number): Promise<SealedEvent[]> {
    return this.database.execute<SealedEvent & Record<string, unknown>>(AFTER, [seq, limit]);
  }
}
