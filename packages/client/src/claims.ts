import { isUtf8 } from 'node:buffer';
import type { Principal } from './principal.js';

/** The longest life that a token may claim, whatever the settings of the issuer: 60 minutes, in seconds. */
export const MAX_LIFETIME = 3600;

export interface ExpectedClaims {
  readonly issuer: string;
  /** The token must be meant for one of them. */
  readonly audiences: readonly string[];
  /** How far `iat` may be ahead of `now`, in seconds. */
  readonly clockTolerance: number;
}

const SESSION = /^[\w-]{22}$/;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** RFC 7519 4.1.3: one audience or a list. */
function isMeantFor(audiences: readonly string[], aud: unknown): boolean {
  if (typeof aud === 'string') return audiences.includes(aud);
  return isTexts(aud) && aud.some((one) => audiences.includes(one));
}

/** The claims of a payload segment, where they are the issuer's own JSON and no other: no claim twice, no odd number. */
function decode(payload: string): Record<string, unknown> | null {
  const bytes = Buffer.from(payload, 'base64url');
  const text = bytes.toString();
  try {
    const claims: unknown = JSON.parse(text);
    // RFC 7519 4 leaves duplicate claims to the parser: a text that two parsers can read differently is refused.
    if (!isUtf8(bytes) || JSON.stringify(claims) !== text || typeof claims !== 'object') return null;
    return claims as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

/**
 * The principal that the payload segment of a token, canonical base64url, states (RFC 9068 2.2), or null where anything is missing, of the
 * wrong type or foreign, or claims too long a life. The signature has been verified. Whether it has expired is another
 * question, because it is asked again.
 */
export function principalOf(payload: string, expected: ExpectedClaims, now: number): Principal | null {
  const claims = decode(payload);
  if (!claims) return null;
  const { iss, sub, aud, exp, iat, jti, client_id, sid, scope, roles, email } = claims;
  if (iss !== expected.issuer || !isMeantFor(expected.audiences, aud)) return null;
  if (!isText(sub) || !isText(jti) || !isText(client_id) || !isText(sid) || !SESSION.test(sid)) return null;
  if (!isTime(exp) || !isTime(iat) || exp <= iat || exp - iat > MAX_LIFETIME) return null;
  if (iat > now + expected.clockTolerance) return null;
  if (scope !== undefined && !isText(scope)) return null;
  if (roles !== undefined && !isTexts(roles)) return null;
  if (email !== undefined && !isText(email)) return null;
  // It is handed out to every request that brings the token: none of them may change it for the others.
  return Object.freeze({
    subject: sub,
    session: sid,
    client: client_id,
    roles: Object.freeze(roles ?? []),
    scopes: Object.freeze(scope?.split(' ') ?? []),
    email: email ?? null,
    tokenId: jti,
    issuedAt: iat,
    expiresAt: exp,
  });
}
