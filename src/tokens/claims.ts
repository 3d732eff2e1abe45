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
  /** A string where there is one audience. */
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
  /** Present where the user proved more than one factor at the sign-in (RFC 9068 2.2.1). */
  auth_time?: number;
  acr?: string;
  amr?: string[];
  cnf?: { jkt: string };
  status?: { status_list: { idx: number; uri: string } };
}

/** RFC 8693 4.1. */
export interface ActorClaim {
  sub: string;
  act?: ActorClaim;
}

/** The most services in a chain that call each other for a user. */
export const MAX_ACTORS = 4;

export const actorClaimOf = ({ subject, actor }: Actor): ActorClaim => ({
  sub: subject,
  ...(actor && { act: actorClaimOf(actor) }),
});

export const authenticationClaimsOf = (made: {
  at: Date;
  methods: readonly string[];
  level: string;
}): Required<Pick<AccessTokenClaims, 'auth_time' | 'acr' | 'amr'>> => ({
  auth_time: Math.floor(made.at.getTime() / 1000),
  acr: made.level,
  amr: [...made.methods],
});

// The forms of claims that this service writes. A claim of another form has another signer, and no test covers it.
const USER = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const SERVICE = /^svc_[\w-]{16}$/;
const ACTING = /^(?:(?:svc|key)_[\w-]{16}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
const LEVEL = /^aal[12]$/;
/** RFC 8176 2. */
const METHOD = /^[a-z]{2,10}$/;
const SESSION = /^[\w-]{21}[AQgw]$/;
const TOKEN_ID = /^[\w-]{12}$/;
const THUMBPRINT = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;
const ROLE = /^[^\s\p{C}]{1,128}$/u;
const ADDRESS = /^[^\p{Cc}\p{Cs}]{1,254}$/u;
/** A name from a setting or from an administrator: a client, an audience. */
const NAME = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

const matches = (value: unknown, form: RegExp): value is string => typeof value === 'string' && form.test(value);
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const areAll = (value: unknown, form: RegExp): value is string[] =>
  Array.isArray(value) && value.every((one) => matches(one, form));

function actorOf(claim: ActorClaim | undefined): Actor | null {
  return claim ? { subject: claim.sub, actor: actorOf(claim.act) } : null;
}

function isActor(value: unknown, longest = MAX_ACTORS): value is ActorClaim {
  if (!isObject(value) || longest === 0 || !matches(value['sub'], ACTING)) return false;
  return value['act'] === undefined || isActor(value['act'], longest - 1);
}

/**
 * RFC 7519 4.1.3: one audience, or a list of several. Returns null for every other value, and for a list that we would
 * not write.
 */
function audiencesOf(aud: unknown): readonly string[] | null {
  if (matches(aud, NAME)) return [aud];
  return areAll(aud, NAME) && aud.length > 1 && new Set(aud).size === aud.length ? aud : null;
}

/** Token Status List 6.2. */
function isStatus(value: unknown, issuer: string): boolean {
  const list = isObject(value) ? value['status_list'] : undefined;
  if (!isObject(list) || !Number.isSafeInteger(list['idx']) || Number(list['idx']) < 0) return false;
  return typeof list['uri'] === 'string' && list['uri'].startsWith(`${issuer}/`);
}

/** RFC 9449 6.1: one thumbprint. A confirmation of another kind cannot be checked here. */
const isConfirmation = (value: unknown): value is { jkt: string } =>
  isObject(value) && matches(value['jkt'], THUMBPRINT) && Object.keys(value).length === 1;

const refuse = (claim: string, expected: unknown, found: unknown): never => {
  throw new AppError('token_invalid', { reason: reasonOf(claim, expected, found) });
};

/**
 * Returns the principal that these claims state. Throws `token_invalid` where a claim is missing, of the wrong type, of
 * another issuer, or where the token has expired. The caller checks the audience. Libraries differ in what they accept
 * (a missing `exp`, `exp: 1e400`), so every claim is checked here.
 */
export function principalOf(claims: unknown, issuer: string, now: number): Principal {
  if (!isObject(claims)) return refuse('claims', 'an object', claims);
  const { iss, sub, aud, exp, iat, jti, client_id, sid, nbf, scope, roles, email, act } = claims;
  const { auth_time, acr, amr, cnf, status } = claims;
  const audiences = audiencesOf(aud);
  if (iss !== issuer) return refuse('iss', issuer, iss);
  if (!audiences) return refuse('aud', 'one audience, or a list of several', aud);
  if (!matches(sub, USER) && !matches(sub, SERVICE)) return refuse('sub', 'the id of a user or a service', sub);
  if (!matches(jti, TOKEN_ID)) return refuse('jti', '12 characters of base64url', jti);
  if (!matches(client_id, NAME)) return refuse('client_id', 'the id of a client', client_id);
  if (sid !== undefined && !matches(sid, SESSION)) return refuse('sid', 'a session', sid);
  if (sid !== undefined && !matches(sub, USER)) return refuse('sub', 'a user, who alone has sessions', sub);
  if (!isTime(exp)) return refuse('exp', 'seconds', exp);
  if (!isTime(iat)) return refuse('iat', 'seconds', iat);
  if (exp <= iat || exp - iat > MAX_LIFETIME) return refuse('exp', `${MAX_LIFETIME} s after iat at most`, exp - iat);
  if (iat > now + CLOCK_SKEW) return refuse('iat', `${now + CLOCK_SKEW} at most`, iat);
  // RFC 7519 4.1.5. This service states none.
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now)) return refuse('nbf', `${now} at most`, nbf);
  if (scope !== undefined && !matches(scope, SCOPE)) return refuse('scope', 'scopes', scope);
  if (roles !== undefined && !areAll(roles, ROLE)) return refuse('roles', 'a list of roles', roles);
  if (email !== undefined && !matches(email, ADDRESS)) return refuse('email', 'an address', typeof email);
  if (act !== undefined && !isActor(act)) return refuse('act', `a chain of ${MAX_ACTORS} at most`, act);
  if (auth_time !== undefined && !isTime(auth_time)) return refuse('auth_time', 'seconds', auth_time);
  if (acr !== undefined && !matches(acr, LEVEL)) return refuse('acr', 'aal1 or aal2', acr);
  if (amr !== undefined && !areAll(amr, METHOD)) return refuse('amr', 'a list of methods', amr);
  if (cnf !== undefined && !isConfirmation(cnf)) return refuse('cnf', 'a thumbprint', cnf);
  if (status !== undefined && !isStatus(status, issuer)) return refuse('status', 'a place in a status list', status);
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
    keyThumbprint: cnf?.jkt ?? null,
    tokenId: jti,
    issuedAt: iat,
    expiresAt: exp,
  };
}

/** RFC 7519 4.1.4. The issuer uses its own clock, so it allows no skew. */
export const isExpired = (exp: number, now: number): boolean => now >= exp;
