import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** Inside the transaction of its cause: a key has leaked, and nothing that it signed may pass any more. */
@MustBeHandled()
export class SigningKeyRevoked extends DomainEvent {
  constructor(
    readonly kid: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}
