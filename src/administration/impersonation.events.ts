import type { AuditRecord } from '../common/audit-events.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MayBeUnhandled } from '../platform/events/domain-event.js';

/** An access token of the user is about to be issued to the actor. Emitted inside the transaction that records it. */
@MayBeUnhandled()
export class UserImpersonated extends DomainEvent {
  constructor(
    readonly userId: string,
    /** As the actor has given it. */
    readonly reason: string,
    readonly expiresAt: Date,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    const details = { stated_reason: this.reason, until: this.expiresAt };
    return [{ event: 'user.impersonated', subject: this.userId, details }];
  }
}
