import type { AuditRecord } from '../common/audit-events.js';
import { shortUuid } from '../common/uuid.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** The reasons for which sessions end. */
export type SessionEndReason =
  | 'logout'
  | 'ended_by_user'
  | 'ended_by_admin'
  | 'refresh_token_reused'
  | 'code_replayed'
  | 'consent_revoked'
  | 'password_changed'
  | 'email_changed'
  | 'user_disabled'
  | 'user_deleted'
  | 'revoked_in_bulk';

/** Users whose sessions end together and are recorded one by one. */
const MAX_USERS_RECORDED = 100;
/** Sessions that a record names. */
const MAX_SESSIONS_NAMED = 20;

/**
 * These sessions have ended, and their access tokens are refused. Emitted inside the transaction of its cause; for very
 * many sessions several times, each time with a portion of them.
 */
@MustBeHandled()
export class SessionsEnded extends DomainEvent {
  constructor(
    /** `clientId`: null for the first-party client. */
    readonly sessions: readonly { id: string; userId: string; clientId: string | null }[],
    readonly reason: SessionEndReason,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    const [event, { reason }] = ['session.ended' as const, this];
    const ofUsers = [...Map.groupBy(this.sessions, ({ userId }) => userId)];
    if (ofUsers.length > MAX_USERS_RECORDED) {
      const details = { sessions: this.sessions.length, users: ofUsers.length };
      return [{ event, subject: null, reason, details }];
    }
    return ofUsers.map(([subject, sessions]) => {
      const ids = sessions.slice(0, MAX_SESSIONS_NAMED).map(({ id }) => shortUuid(id));
      return { event, subject, reason, details: { sessions: sessions.length, ids } };
    });
  }
}
