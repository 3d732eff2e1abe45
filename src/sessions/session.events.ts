import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** The reasons for which sessions end. */
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
 * These sessions have ended, and their access tokens are refused. Emitted inside the transaction of its cause; for very
 * many sessions several times, each time with a portion of them.
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
