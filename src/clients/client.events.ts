import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** Inside the transaction of its cause: what the client could do is over or less, and its tokens are refused. */
@MustBeHandled()
export class ClientAccessReduced extends DomainEvent {
  constructor(
    readonly clientId: string,
    /** Seconds: its tokens up to and including this are refused, and no new one will state it. */
    readonly notBefore: number,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}
