import { randomBytes } from 'node:crypto';
import type { Actor } from '../principal.js';

/** The contents of a token in a test. Absent members get a value as in production. */
export interface TestToken {
  /** The user's id (`sub`); a new one by default, and the client where there is no session. */
  subject?: string;
  /** The session's short id (`sid`); a new one by default, null for the token of a client that acts for itself. */
  session?: string | null;
  /** The client that the token is issued to (`client_id`); `web` by default. */
  client?: string;
  /** The roles; `user` by default, as for a new account, and none without a session. */
  roles?: readonly string[];
  /** The scopes; none by default. */
  scopes?: readonly string[];
  /** The address; `user@example.com` by default, null for none, and none without a session. */
  email?: string | null;
  /** The audience; that of the issuer by default. */
  audience?: string | readonly string[];
  /** The actor (`act`); none by default. */
  actor?: Actor;
  /** The thumbprint of the key that the token is bound to (`cnf.jkt`); none by default. See `clientKey()`. */
  keyThumbprint?: string;
  /** The lifetime in seconds; 600 by default. */
  expiresIn?: number;
  /** Claims that replace the others, for tokens that production would never mint; undefined leaves a claim out. */
  claims?: Record<string, unknown>;
}

export interface TokenIssuer {
  issuer: string;
  audience: string;
  /** Seconds since the epoch. */
  now: number;
}

const SID = /^[\w-]{21}[AQgw]$/;
const VERSION_7 = 0x70;
const VARIANT = 0x80;

/** Makes a UUID of version 7 (RFC 9562 5.7), as bytes. `now` is in milliseconds. */
function uuidv7(now: number): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = VERSION_7 | (bytes[6]! & 0x0f);
  bytes[8] = VARIANT | (bytes[8]! & 0x3f);
  return bytes;
}

const newSubject = (now: number): string =>
  uuidv7(now)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Makes a new session id in the form of `sid`: 22 characters of base64url. `now` is in milliseconds. */
export const newSession = (now: number): string => uuidv7(now).toString('base64url');

/**
 * Returns the part of a `sid` that the feed contains: its last 7 bytes.
 *
 * @throws TypeError where the text is no `sid`, which is 16 bytes in base64url.
 */
export function fingerprintOf(sid: string): string {
  if (!SID.test(sid))
    throw new TypeError(`Not a session id: ${sid}. It is 16 bytes in base64url, as newSession() makes`);
  return sid.slice(-10);
}

const actorClaimOf = ({ subject, actor }: Actor): object => ({
  sub: subject,
  ...(actor && { act: actorClaimOf(actor) }),
});

/** Returns the claims of RFC 9068 2.2, in the order in which the service writes them. */
export function claimsOf(token: TestToken, { issuer, audience, now }: TokenIssuer): Record<string, unknown> {
  const { scopes = [], client = 'web', session = newSession(now * 1000), actor, keyThumbprint } = token;
  if (session !== null) fingerprintOf(session);
  const { roles, email } = { ...(session !== null && { roles: ['user'], email: 'user@example.com' }), ...token };
  return {
    iss: issuer,
    sub: token.subject ?? (session === null ? client : newSubject(now * 1000)),
    aud: token.audience ?? audience,
    exp: now + (token.expiresIn ?? 600),
    iat: now,
    jti: randomBytes(9).toString('base64url'),
    client_id: client,
    ...(session !== null && { sid: session }),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(roles && { roles }),
    ...(email && { email }),
    ...(actor && { act: actorClaimOf(actor) }),
    ...(keyThumbprint !== undefined && { cnf: { jkt: keyThumbprint } }),
    ...token.claims,
  };
}
