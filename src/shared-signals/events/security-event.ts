import { shortUuid } from '../../common/uuid.js';
import type { SessionEndReason } from '../../sessions/session.events.js';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

export const SESSION_REVOKED = `${CAEP}session-revoked`;
export const TOKEN_CLAIMS_CHANGE = `${CAEP}token-claims-change`;
export const CREDENTIAL_CHANGE = `${CAEP}credential-change`;
export const VERIFICATION = `${SSF}verification`;
export const STREAM_UPDATED = `${SSF}stream-updated`;

/** The events that receivers can request. Events about a stream itself are always sent. */
export const EVENTS_SUPPORTED: readonly string[] = [SESSION_REVOKED, TOKEN_CLAIMS_CHANGE, CREDENTIAL_CHANGE];

type InitiatingEntity = 'admin' | 'user' | 'policy' | 'system';

/** The initiator, where the reason tells it, and the reason for the receiver's log (CAEP 1.0 section 2). */
const CAUSES: Record<SessionEndReason, { by?: InitiatingEntity; why: string }> = {
  logout: { by: 'user', why: 'The user signed out' },
  ended_by_user: { by: 'user', why: 'The user signed this device out from another one' },
  ended_by_admin: { by: 'admin', why: 'An administrator ended the session' },
  refresh_token_reused: { by: 'system', why: 'A used refresh token was presented again' },
  consent_revoked: { by: 'user', why: 'The user took the access of an application away' },
  code_replayed: { by: 'system', why: 'A used authorization code was presented again' },
  email_changed: { by: 'admin', why: 'An administrator changed the address of the user' },
  password_changed: { by: 'user', why: 'The user changed their password' },
  user_disabled: { by: 'admin', why: 'An administrator disabled the account' },
  revoked_in_bulk: { by: 'admin', why: 'An administrator ended many sessions at once' },
  user_deleted: { why: 'The account was deleted' },
};

/** Makes the event `session-revoked` (CAEP 1.0 section 3.1); `at` is in seconds. */
export function sessionRevoked(reason: SessionEndReason, at: number): object {
  const { by, why } = CAUSES[reason];
  return { event_timestamp: at, ...(by && { initiating_entity: by }), reason_admin: { en: why } };
}

/** Makes the event `token-claims-change` (CAEP 1.0 section 3.2); `at` is in seconds. */
export const tokenClaimsChange = (claims: { roles: readonly string[] }, at: number): object => ({
  event_timestamp: at,
  initiating_entity: 'admin' satisfies InitiatingEntity,
  reason_admin: { en: 'An administrator took a role away' },
  claims,
});

/** Makes the event `credential-change` for a new password (CAEP 1.0 section 3.3); `at` is in seconds. */
export const passwordChanged = (by: 'user' | 'admin', at: number): object => ({
  event_timestamp: at,
  initiating_entity: by satisfies InitiatingEntity,
  reason_admin: { en: by === 'user' ? 'The user changed their password' : 'An administrator set a temporary password' },
  credential_type: 'password',
  change_type: 'update',
});

/** One event on its way to one stream. */
export interface SignalEvent {
  /** `jti`: the same at every attempt, so that a receiver recognises an event that it has already. */
  id: string;
  streamId: string;
  type: string;
  userId: string | null;
  sessionId: string | null;
  event: object;
  /** The same for all events of one cause. */
  txn: string;
  createdAt: Date;
}

/** Makes the claims of a Security Event Token (RFC 8417 2.2) in the profile of Shared Signals (SSF 1.0 section 4.1). */
export const setClaimsOf = (signal: SignalEvent, issuer: string, audience: string): object => ({
  iss: issuer,
  jti: signal.id,
  iat: Math.floor(signal.createdAt.getTime() / 1000),
  aud: audience,
  txn: signal.txn,
  sub_id: subjectOf(signal, issuer),
  events: { [signal.type]: signal.event },
});

/** Makes the subject (RFC 9493): a session of a user (SSF 1.0 section 3.3), a user, or the stream itself. */
function subjectOf({ userId, sessionId, streamId }: SignalEvent, issuer: string): object {
  if (userId === null) return { format: 'opaque', id: streamId };
  const user = { format: 'iss_sub', iss: issuer, sub: userId };
  if (sessionId === null) return user;
  return { format: 'complex', user, session: { format: 'opaque', id: shortUuid(sessionId) } };
}
