/** How far the clock of another party may differ from ours, in seconds. */
const FOREIGN_CLOCK_SKEW = 30;

/** The required and optional claims of an assertion (RFC 7523 3), with their types. Times are in seconds. */
export interface ForeignClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAt: number;
  readonly issuedAt: number | null;
  readonly notBefore: number | null;
  readonly id: string | null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.isWellFormed();
// RFC 7519 2: a NumericDate may have a fraction.
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER;
const isAbsentOr = <T>(is: (value: unknown) => value is T, value: unknown): value is T | undefined =>
  value === undefined || is(value);

/**
 * Reads the claims of an assertion. Returns null where a required one is missing, or one has another type than in
 * RFC 7519 4.1.
 */
export function foreignClaimsOf(claims: Readonly<Record<string, unknown>>): ForeignClaims | null {
  const { iss, sub, aud, exp, iat, nbf, jti } = claims;
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!isText(iss) || !isText(sub) || audiences.length === 0 || !audiences.every(isText) || !isTime(exp)) return null;
  if (!isAbsentOr(isTime, iat) || !isAbsentOr(isTime, nbf) || !isAbsentOr(isText, jti)) return null;
  return {
    issuer: iss,
    subject: sub,
    audiences,
    expiresAt: exp,
    issuedAt: iat ?? null,
    notBefore: nbf ?? null,
    id: jti ?? null,
  };
}

/**
 * Tells whether an assertion is valid now by its times: it has begun, has not expired, and does not live longer than
 * `longestLife`. All times are in seconds. The clock of its issuer may differ by {@link FOREIGN_CLOCK_SKEW}.
 */
export function isTimely(
  { expiresAt, issuedAt, notBefore }: Pick<ForeignClaims, 'expiresAt' | 'issuedAt' | 'notBefore'>,
  now: number,
  longestLife: number,
): boolean {
  const earliest = Math.max(issuedAt ?? -Infinity, notBefore ?? -Infinity);
  // RFC 7523 3 (4) to (6).
  if (now >= expiresAt || earliest > now + FOREIGN_CLOCK_SKEW || earliest >= expiresAt) return false;
  return expiresAt - (issuedAt ?? now) <= longestLife && expiresAt - now <= longestLife + FOREIGN_CLOCK_SKEW;
}
