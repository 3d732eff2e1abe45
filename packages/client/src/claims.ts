import { isUtf8 } from 'node:buffer';
import { TokenError } from './errors.js';
import type { Actor, Principal } from './principal.js';
import { TokenFault } from './token-fault.js';

/** The longest life that a token may claim, whatever the settings of the issuer: 60 minutes, in seconds. */
export const MAX_LIFETIME = 3600;

export interface ExpectedClaims {
  readonly issuer: string;
  /** The audiences, one of which the token must have. */
  readonly audiences: readonly string[];
  /** How far `iat` may be ahead of `now`, in seconds. */
  readonly clockTolerance: number;
}

const SESSION = /^[\w-]{21}[AQgw]$/;
const THUMBPRINT = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;
/**
 * Services store and log ids, names and addresses: they have no control characters, no lone surrogates and a limited
 * length.
 */
const NAME = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
/** The most services in a chain that call each other for a user. */
const MAX_ACTORS = 4;

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value);
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const areNames = (value: unknown): value is string[] => Array.isArray(value) && value.every(isName);

const refuse = (claim: string, expected: unknown, found: unknown): never => {
  throw new TokenError('token_invalid', new TokenFault(claim, expected, found));
};

/** RFC 7519 4.1.3: one audience or a list, of which at least one is `expected`. */
function audiencesOf(aud: unknown, expected: readonly string[]): readonly string[] {
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (areNames(audiences) && audiences.some((one) => expected.includes(one))) return audiences;
  return refuse('aud', expected.length === 1 ? expected[0] : ['one of', ...expected], aud);
}

/** Reads the claim `act` (RFC 8693 4.1). Returns undefined for an invalid one. */
function actorOf(act: unknown, longest = MAX_ACTORS): Actor | null | undefined {
  if (act === undefined) return null;
  if (typeof act !== 'object' || act === null || longest === 0) return undefined;
  const { sub, act: next } = act as Record<string, unknown>;
  const actor = actorOf(next, longest - 1);
  return isName(sub) && actor !== undefined ? Object.freeze({ subject: sub, actor }) : undefined;
}

/**
 * Reads the claim `cnf` (RFC 9449 6.1). Returns undefined for a confirmation of another kind, which cannot be checked
 * here.
 */
function keyThumbprintOf(cnf: unknown): string | null | undefined {
  if (cnf === undefined) return null;
  const jkt: unknown = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined;
  return typeof jkt === 'string' && THUMBPRINT.test(jkt) ? jkt : undefined;
}

/**
 * Decodes the claims of a payload segment; null where they are not written like the issuer's JSON: a claim is repeated,
 * or a number has another form.
 */
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
 * Returns the principal that the payload segment of a token states, in canonical base64url (RFC 9068 2.2). Throws
 * `token_invalid` where a claim is missing, of the wrong type or of another issuer, or where the token lives too long.
 * The signature has been verified before. The expiry is checked elsewhere, because it is checked again on every use.
 */
export function principalOf(payload: string, expected: ExpectedClaims, now: number): Principal {
  const claims = decode(payload) ?? refuse('payload', 'JSON as the issuer writes it', 'another text');
  const { iss, sub, aud, exp, iat, jti, client_id, sid, scope, roles, email, act, cnf } = claims;
  if (iss !== expected.issuer) return refuse('iss', expected.issuer, iss);
  const audiences = audiencesOf(aud, expected.audiences);
  const [actor, keyThumbprint] = [actorOf(act), keyThumbprintOf(cnf)];
  if (actor === undefined) return refuse('act', `a chain of ${MAX_ACTORS} at most`, act);
  if (keyThumbprint === undefined) return refuse('cnf', 'the thumbprint of a key', cnf);
  if (!isName(sub)) return refuse('sub', 'a text', sub);
  if (!isName(jti)) return refuse('jti', 'a text', jti);
  if (!isName(client_id)) return refuse('client_id', 'a text', client_id);
  if (sid !== undefined && !(typeof sid === 'string' && SESSION.test(sid))) return refuse('sid', '22 characters', sid);
  if (!isTime(exp)) return refuse('exp', 'seconds', exp);
  if (!isTime(iat)) return refuse('iat', 'seconds', iat);
  if (exp <= iat || exp - iat > MAX_LIFETIME) return refuse('exp', `${MAX_LIFETIME} s after iat at most`, exp - iat);
  const latest = now + expected.clockTolerance;
  if (iat > latest) return refuse('iat', `${Math.floor(latest)} at most, by the clock here`, iat);
  if (scope !== undefined && !(typeof scope === 'string' && SCOPE.test(scope))) return refuse('scope', 'scopes', scope);
  if (roles !== undefined && !areNames(roles)) return refuse('roles', 'a list of texts', roles);
  if (email !== undefined && !isName(email)) return refuse('email', 'a text', typeof email);
  // All requests with the token share the principal, so none of them may change it.
  return Object.freeze({
    subject: sub,
    session: sid ?? null,
    client: client_id,
    audiences: Object.freeze(audiences),
    roles: Object.freeze(roles ?? []),
    scopes: Object.freeze(scope?.split(' ') ?? []),
    email: email ?? null,
    actor,
    keyThumbprint,
    tokenId: jti,
    issuedAt: iat,
    expiresAt: exp,
  });
}
