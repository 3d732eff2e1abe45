/** The most characters of a token: more than any minted token has, few enough to check quickly. */
const MAX_LENGTH = 8192;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

// The last character of a base64url text of 4n+2 or 4n+3 characters has 4 or 2 unused bits, which are zero in the
// canonical form.
const CANONICAL_END = ['', null, 'AQgw', 'AEIMQUYcgkosw048'] as const;

/** Tells whether the segment of `text` in [start, end) is canonical base64url, given that its alphabet is right. */
function isCanonical(text: string, start: number, end: number): boolean {
  const ends = CANONICAL_END[(end - start) % 4];
  return ends === '' || (typeof ends === 'string' && ends.includes(text[end - 1]!));
}

/** A JWS in compact serialisation (RFC 7515 7.1), cut at its dots and not yet decoded. */
export interface CompactToken {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  /** The signed part: header and payload with the dot between them. */
  readonly signingInput: string;
}

/**
 * Cuts a text that has exactly the form of a token: three segments of canonical base64url, 8 kB at most. Returns null
 * for every other text. A text that passes is not trusted yet.
 */
export function compactTokenOf(token: string): CompactToken | null {
  if (token.length > MAX_LENGTH || !COMPACT.test(token)) return null;
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  const canonical =
    isCanonical(token, 0, first) &&
    isCanonical(token, first + 1, second) &&
    isCanonical(token, second + 1, token.length);
  if (!canonical) return null;
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    signingInput: token.slice(0, second),
  };
}
