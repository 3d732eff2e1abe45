import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuditRecord } from '../common/audit-events.js';
import { Clock } from '../common/clock.js';
import { networkOf } from '../common/network.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { entryOf, type AuditCause, type AuditEntry } from './audit-event.js';
import { RECORD } from './audit.statements.js';
import { EventCounts } from './event-counts.js';

const WRITE_MS = 1_000;
/** How long refusals of one kind are counted together. */
const COUNTED_MS = 60_000;
/** Kinds of refusals that are told apart within that time: a bound for memory, and for what strangers can write. */
const MAX_KINDS = 200;

interface Counted {
  readonly record: AuditRecord;
  readonly cause: AuditCause;
  /** The first of those that are not written yet. */
  at: Date;
  /** How many are not written yet. */
  count: number;
  readonly until: number;
  isWritten: boolean;
}

/**
 * Records refused attempts, which change nothing and so have no transaction. They are noted in memory and written each
 * second, so that a refusal costs its caller no time. Of the same kind (event, reason, subject, account, network) the
 * first one is written at once, and the others of a minute are counted into one further record.
 */
@Injectable()
export class AuditRefusals implements OnModuleInit, BeforeApplicationShutdown {
  private readonly kinds = new Map<string, Counted>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
    private readonly counts: EventCounts,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'audit-refusals', every: WRITE_MS, run: () => this.write() });
  }

  /** What was noted is written, though no job runs any more. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const counted of this.kinds.values()) counted.isWritten = false;
    await this.write().catch(() => undefined);
  }

  note(record: AuditRecord, cause: AuditCause): void {
    this.counts.count(record);
    const { event, reason, subject, details } = record;
    const network = cause.address === null ? null : networkOf(cause.address);
    const key = JSON.stringify([event, reason, subject, details, network]);
    const known = this.kinds.get(key);
    if (known) return this.count(known);
    if (this.kinds.size < MAX_KINDS) return void this.kinds.set(key, this.first(record, cause));
    // More kinds than are told apart: by whom and from where is left out.
    const others = JSON.stringify([event, reason]);
    const rest = this.kinds.get(others);
    if (rest) return this.count(rest);
    const nobody = { ...cause, address: null, requestId: null };
    this.kinds.set(others, this.first({ event, subject: null, ...(reason !== undefined && { reason }) }, nobody));
  }

  /** Writes what is new, and what was counted for a minute. */
  async write(): Promise<void> {
    const now = this.clock.now();
    const due = [...this.kinds].filter(([, { count, isWritten, until }]) => count > 0 && (!isWritten || until <= now));
    const entries = due.map(([, counted]) => entryOfCounted(counted));
    const counts = due.map(([, { count }]) => count);
    if (entries.length > 0) await this.dataSource.query(RECORD, [JSON.stringify(entries)]);
    // Only now: what could not be written is tried again. Refusals may have come meanwhile.
    for (const [index, [, counted]] of due.entries()) {
      counted.count -= counts[index]!;
      counted.isWritten = true;
    }
    for (const [key, { count, until }] of this.kinds) if (until <= now && count === 0) this.kinds.delete(key);
  }

  private first(record: AuditRecord, cause: AuditCause): Counted {
    const at = this.clock.date();
    return { record, cause, at, count: 1, until: at.getTime() + COUNTED_MS, isWritten: false };
  }

  private count(counted: Counted): void {
    if (counted.count === 0) counted.at = this.clock.date();
    counted.count++;
  }
}

function entryOfCounted({ record, cause, at, count }: Counted): AuditEntry {
  return entryOf({ ...record, details: { ...record.details, count } }, cause, at);
}
