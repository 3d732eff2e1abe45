import type { AuditRecord } from '../common/audit-events.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/**
 * The client has lost some or all of its access, and its tokens are refused. Emitted inside the transaction of its
 * cause.
 */
@MustBeHandled()
export class ClientAccessReduced extends DomainEvent {
  constructor(
    readonly clientId: string,
    /** Seconds: its tokens with an `iat` up to and including this are refused, and no new token has such an `iat`. */
    readonly notBefore: number,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'client.access_reduced', subject: this.clientId }];
  }
}
