import type { AuditRecord } from '../../common/audit-events.js';
import type { ChangeContext } from '../context/change-context.js';
import { DomainEvent, MayBeUnhandled } from './domain-event.js';

/** A change that the audit log records, and that no part of the service has to act on. */
@MayBeUnhandled()
export class RecordedChange extends DomainEvent {
  override readonly audit: readonly AuditRecord[];

  constructor(record: AuditRecord, cause: ChangeContext, at: Date) {
    super(cause, at);
    this.audit = [record];
  }
}
