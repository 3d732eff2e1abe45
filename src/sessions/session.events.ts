import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** Why sessions ended. */
export type SessionEndReason =
  | 'logout'
  | 'ended_by_user'
  | 'ended_by_admin'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'email_changed'
  | 'user_disabled'
  | 'user_deleted'
  | 'revoked_in_bulk';

/**
 * Inside the transaction of its cause: these sessions are over, and their access tokens refused. Of very many there are
 * several, a portion of the sessions each.
 */
@MustBeHandled()
export class SessionsEnded extends DomainEvent {
  constructor(
    readonly sessions: readonly { id: string; userId: string }[],
    readonly reason: SessionEndReason,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}
