/** The most characters of a JWS: more than any token that we mint has, few enough to check quickly. */
const MAX_LENGTH = 8192;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

// The last character of a base64url text of 4n+2 or 4n+3 characters has 4 or 2 unused bits, which are zero in the
// canonical form.
const CANONICAL_END = [/./, /(?!)/, /[AQgw]$/, /[AEIMQUYcgkosw048]$/] as const;

const isCanonical = (segment: string): boolean => CANONICAL_END[segment.length % 4]!.test(segment);

/** A JWS in compact serialisation (RFC 7515 7.1), cut at its dots and not yet decoded. */
export interface CompactJws {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  /** The signed part: header and payload with the dot between them. */
  readonly signingInput: string;
}

/**
 * Cuts a text that has exactly the form of a JWS in compact serialisation (RFC 7515 7.1) in canonical base64url; null
 * for every other text. Nothing is decoded: a text that passes is not trusted yet.
 */
export function compactJwsOf(text: string): CompactJws | null {
  if (text.length > MAX_LENGTH || !COMPACT.test(text)) return null;
  const [header, payload, signature] = text.split('.') as [string, string, string];
  if (!isCanonical(header) || !isCanonical(payload) || !isCanonical(signature)) return null;
  return { header, payload, signature, signingInput: text.slice(0, -signature.length - 1) };
}
