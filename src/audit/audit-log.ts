import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuditRecord } from '../common/audit-events.js';
import { Clock } from '../common/clock.js';
import { DomainEvent } from '../platform/events/domain-event.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { entryOf, type AuditCause } from './audit-event.js';
import { RECORD } from './audit.statements.js';
import { EventCounts } from './event-counts.js';

/** Records what happens, in the transaction in which it happens: an event that cannot be recorded does not happen. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly counts: EventCounts,
    events: TransactionalEvents,
  ) {
    // It is not registered in `onModuleInit`, because other modules make changes in theirs.
    events.on(DomainEvent, ({ audit, cause }, manager) => this.write(audit, cause, manager));
  }

  /** Records an event. `manager` is absent where nothing else is written with it, as for a read. */
  record(record: AuditRecord, cause: AuditCause, manager: EntityManager = this.dataSource.manager): Promise<void> {
    return this.write([record], cause, manager);
  }

  private async write(records: readonly AuditRecord[], cause: AuditCause, manager: EntityManager): Promise<void> {
    const now = this.clock.date();
    const entries = records.map((record) => entryOf(record, cause, now));
    if (entries.length > 0) await manager.query(RECORD, [JSON.stringify(entries)]);
    for (const record of records) this.counts.count(record);
  }
}
