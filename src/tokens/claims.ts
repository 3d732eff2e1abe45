import type { Principal } from '../common/principal.js';

/** The longest life that a token may claim, whatever the settings: 60 minutes, in seconds. */
export const MAX_LIFETIME = 3600;
/** How far the clocks of issuer and verifier may differ, in seconds. */
export const CLOCK_SKEW = 60;

/** The claims of an access token (RFC 9068 2.2), in the order in which they are written. */
export interface AccessTokenClaims {
  iss: string;
  sub: string;
  aud: string;
  exp: number;
  iat: number;
  jti: string;
  client_id: string;
  sid: string;
  scope?: string;
  roles?: string[];
  email?: string;
  status?: { status_list: { idx: number; uri: string } };
}

export interface ExpectedClaims {
  issuer: string;
  audience: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

/** Token Status List 6.2. */
function isStatus(value: unknown): boolean {
  const list = isObject(value) ? value['status_list'] : undefined;
  return isObject(list) && Number.isSafeInteger(list['idx']) && Number(list['idx']) >= 0 && isText(list['uri']);
}

/**
 * The principal that these claims state, or null where anything is missing, of the wrong type, foreign or out of time.
 * Libraries differ in what they let pass (a missing `exp`, `exp: 1e400`), so every claim is checked here.
 */
export function principalOf(claims: unknown, expected: ExpectedClaims, now: number): Principal | null {
  if (!isObject(claims)) return null;
  const { iss, sub, aud, exp, iat, jti, client_id, sid, scope, roles, email, status } = claims;
  if (iss !== expected.issuer || aud !== expected.audience) return null;
  if (!isText(sub) || !isText(jti) || !isText(client_id) || !isText(sid)) return null;
  if (!isTime(exp) || !isTime(iat) || exp <= iat || exp - iat > MAX_LIFETIME) return null;
  if (iat > now + CLOCK_SKEW) return null;
  if (scope !== undefined && !isText(scope)) return null;
  if (roles !== undefined && !isTexts(roles)) return null;
  if (email !== undefined && !isText(email)) return null;
  if (status !== undefined && !isStatus(status)) return null;
  if (isExpired(exp, now)) return null;
  return {
    subject: sub,
    session: sid,
    client: client_id,
    roles: roles ?? [],
    scopes: scope?.split(' ') ?? [],
    email: email ?? null,
    tokenId: jti,
    issuedAt: iat,
    expiresAt: exp,
  };
}

/** RFC 7519 4.1.4. The issuer judges by its own clock, so it grants no skew. */
export const isExpired = (exp: number, now: number): boolean => now >= exp;
