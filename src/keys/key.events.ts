import type { AuditRecord } from '../common/audit-events.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** A key has leaked, and nothing that it signed is valid any more. Emitted inside the transaction of its cause. */
@MustBeHandled()
export class SigningKeyRevoked extends DomainEvent {
  constructor(
    readonly kid: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'signing_key.revoked', subject: this.kid }];
  }
}
