/** Longer than any token that we mint, shorter than what hurts. */
const MAX_LENGTH = 8192;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

// The last character of a base64url text of 4n+2 or 4n+3 characters has 4 or 2 unused bits; canonical means zero.
const CANONICAL_END = [/./, /(?!)/, /[AQgw]$/, /[AEIMQUYcgkosw048]$/] as const;

const isCanonical = (segment: string): boolean => CANONICAL_END[segment.length % 4]!.test(segment);

/**
 * The first segment of a token that has exactly the form of a JWS in compact serialisation (RFC 7515 7.1) in canonical
 * base64url; null for every other text. Nothing is decoded: what passes is still not trusted.
 */
export function encodedHeaderOf(token: string): string | null {
  if (token.length > MAX_LENGTH || !COMPACT.test(token)) return null;
  const [header, payload, signature] = token.split('.') as [string, string, string];
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature) ? header : null;
}
