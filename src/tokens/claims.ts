import { AppError } from '../common/errors.js';
import type { Actor, Principal } from '../common/principal.js';
import { reasonOf } from '../common/refusal-reason.js';

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

const refuse = (claim: string, expected: unknown, found: unknown): never => {
  throw new AppError('token_invalid', { reason: reasonOf(claim, expected, found) });
};

/**
 * The principal that these claims state. Throws `token_invalid` where anything is missing, of the wrong type, foreign or out of time.
 * Whom the token is meant for, and whether that is us, is for the caller to ask. Libraries differ in what they let pass (a missing `exp`, `exp: 1e400`), so every claim is checked here.
 */
export function principalOf(claims: unknown, issuer: string, now: number): Principal {
  if (!isObject(claims)) return refuse('claims', 'an object', claims);
  const { iss, sub, aud, exp, iat, jti, client_id, sid, scope, roles, email, act, cnf, status } = claims;
  const audiences = audiencesOf(aud);
  if (iss !== issuer) return refuse('iss', issuer, iss);
  if (!audiences) return refuse('aud', 'one audience, or a list of several', aud);
  if (!isText(sub)) return refuse('sub', 'a text', sub);
  if (!isText(jti)) return refuse('jti', 'a text', jti);
  if (!isText(client_id)) return refuse('client_id', 'a text', client_id);
  if (sid !== undefined && !isText(sid)) return refuse('sid', 'a text', sid);
  if (!isTime(exp)) return refuse('exp', 'seconds', exp);
  if (!isTime(iat)) return refuse('iat', 'seconds', iat);
  if (exp <= iat || exp - iat > MAX_LIFETIME) return refuse('exp', `${MAX_LIFETIME} s after iat at most`, exp - iat);
  if (iat > now + CLOCK_SKEW) return refuse('iat', `${now + CLOCK_SKEW} at most`, iat);
  if (scope !== undefined && !isText(scope)) return refuse('scope', 'a text', scope);
  if (roles !== undefined && !isTexts(roles)) return refuse('roles', 'a list of texts', roles);
  if (email !== undefined && !isText(email)) return refuse('email', 'a text', typeof email);
  if (act !== undefined && !isActor(act)) return refuse('act', `a chain of ${MAX_ACTORS} at most`, act);
  if (cnf !== undefined && !(isObject(cnf) && isThumbprint(cnf['jkt']))) return refuse('cnf', 'a thumbprint', cnf);
  if (status !== undefined && !isStatus(status)) return refuse('status', 'a place in a status list', status);
  if (isExpired(exp, now)) return refuse('exp', `after ${now}`, exp);
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
