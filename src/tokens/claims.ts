import type { Actor, Principal } from '../common/principal.js';

/** The longest life that a token may claim, whatever the settings: 60 minutes, in seconds. */
export const MAX_LIFETIME = 3600;
/** How far the clocks of issuer and verifier may differ, in seconds. */
export const CLOCK_SKEW = 60;

/** The claims of an access token (RFC 9068 2.2), in the order in which they are written. */
export interface AccessTokenClaims {
  iss: string;
  sub: string;
  /** A text where there is one audience. */
  aud: string | string[];
  exp: number;
  iat: number;
  jti: string;
  client_id: string;
  sid?: string;
  scope?: string;
  roles?: string[];
  email?: string;
  act?: ActorClaim;
  cnf?: { jkt: string };
  status?: { status_list: { idx: number; uri: string } };
}

/** RFC 8693 4.1. */
export interface ActorClaim {
  sub: string;
  act?: ActorClaim;
}

/** A chain of services that call each other for a user is not longer. */
export const MAX_ACTORS = 4;

export const actorClaimOf = ({ subject, actor }: Actor): ActorClaim => ({
  sub: subject,
  ...(actor && { act: actorClaimOf(actor) }),
});

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const isThumbprint = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value);

function actorOf(claim: ActorClaim | undefined): Actor | null {
  return claim ? { subject: claim.sub, actor: actorOf(claim.act) } : null;
}

function isActor(value: unknown, longest = MAX_ACTORS): value is ActorClaim {
  if (!isObject(value) || longest === 0 || !isText(value['sub'])) return false;
  return value['act'] === undefined || isActor(value['act'], longest - 1);
}

/** RFC 7519 4.1.3: one audience, or a list of several. Null for anything else, and for a list that we would not write. */
function audiencesOf(aud: unknown): readonly string[] | null {
  if (isText(aud)) return [aud];
  return isTexts(aud) && aud.length > 1 && new Set(aud).size === aud.length ? aud : null;
}

/** Token Status List 6.2. */
function isStatus(value: unknown): boolean {
  const list = isObject(value) ? value['status_list'] : undefined;
  return isObject(list) && Number.isSafeInteger(list['idx']) && Number(list['idx']) >= 0 && isText(list['uri']);
}

/**
 * The principal that these claims state, or null where anything is missing, of the wrong type, foreign or out of time.
 * Whom the token is meant for, and whether that is us, is for the caller to ask. Libraries differ in what they let pass (a missing `exp`, `exp: 1e400`), so every claim is checked here.
 */
export function principalOf(claims: unknown, issuer: string, now: number): Principal | null {
  if (!isObject(claims)) return null;
  const { iss, sub, aud, exp, iat, jti, client_id, sid, scope, roles, email, act, cnf, status } = claims;
  const audiences = audiencesOf(aud);
  if (iss !== issuer || !audiences) return null;
  if (!isText(sub) || !isText(jti) || !isText(client_id)) return null;
  if (sid !== undefined && !isText(sid)) return null;
  if (!isTime(exp) || !isTime(iat) || exp <= iat || exp - iat > MAX_LIFETIME) return null;
  if (iat > now + CLOCK_SKEW) return null;
  if (scope !== undefined && !isText(scope)) return null;
  if (roles !== undefined && !isTexts(roles)) return null;
  if (email !== undefined && !isText(email)) return null;
  if (act !== undefined && !isActor(act)) return null;
  if (cnf !== undefined && !(isObject(cnf) && isThumbprint(cnf['jkt']))) return null;
  if (status !== undefined && !isStatus(status)) return null;
  if (isExpired(exp, now)) return null;
  return {
    subject: sub,
    session: sid ?? null,
    client: client_id,
    audiences,
    roles: roles ?? [],
    scopes: scope?.split(' ') ?? [],
    email: email ?? null,
    actor: actorOf(act),
    keyThumbprint: (cnf as { jkt: string } | undefined)?.jkt ?? null,
    tokenId: jti,
    issuedAt: iat,
    expiresAt: exp,
  };
}

/** RFC 7519 4.1.4. The issuer judges by its own clock, so it grants no skew. */
export const isExpired = (exp: number, now: number): boolean => now >= exp;
