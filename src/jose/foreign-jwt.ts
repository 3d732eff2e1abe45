import { isUtf8 } from 'node:buffer';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../common/signature-algorithms.js';
import { isSignature, type PublicKey } from './public-key.js';
import { encodedHeaderOf } from './form-gate.js';

type Json = Readonly<Record<string, unknown>>;

/** A JWT that somebody else has made, taken apart. Nothing of it is believed before {@link isSignedByOneOf}. */
export interface ForeignJwt {
  readonly algorithm: SignatureAlgorithm;
  /** Null where it names no key. */
  readonly kid: string | null;
  /** What it says to be (RFC 7519 5.1), in lower case and without `application/`; null where it does not say. */
  readonly type: string | null;
  readonly claims: Json;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Null for whatever is not exactly one JWS in compact serialisation, signed by an asymmetric algorithm that we know. */
export function foreignJwtOf(token: string): ForeignJwt | null {
  const encodedHeader = encodedHeaderOf(token);
  if (encodedHeader === null) return null;
  const end = token.lastIndexOf('.');
  const header = objectOf(encodedHeader);
  const claims = objectOf(token.slice(encodedHeader.length + 1, end));
  if (!header || !claims) return null;
  const { alg, kid = null, typ = null } = header;
  const algorithm = SIGNATURE_ALGORITHMS.find((known) => known === alg);
  // RFC 7515 4.1.11: no extension is understood here.
  if (!algorithm || 'crit' in header) return null;
  if ((kid !== null && typeof kid !== 'string') || (typ !== null && typeof typ !== 'string')) return null;
  return {
    algorithm,
    kid,
    // RFC 7515 4.1.9: a media type, whose case does not count.
    type: typ && typ.toLowerCase().replace(/^application\//, ''),
    claims,
    signingInput: token.slice(0, end),
    signature: Buffer.from(token.slice(end + 1), 'base64url'),
  };
}

/** The keys of a set that may have signed it: the ones that it names, or the only one that there is. */
export function candidatesFor({ kid, algorithm }: ForeignJwt, keys: readonly PublicKey[]): readonly PublicKey[] {
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(algorithm));
  if (kid !== null) return fitting.filter((key) => key.kid === kid);
  return fitting.length === 1 ? fitting : [];
}

/** Whether one of these keys has signed it. */
export function isSignedByOneOf(jwt: ForeignJwt, keys: readonly PublicKey[]): boolean {
  return candidatesFor(jwt, keys).some(({ key }) => isSignature(jwt.algorithm, jwt.signingInput, key, jwt.signature));
}

/** A JSON object in base64url; null for everything else. A name that stands twice is the last of them (RFC 7519 4). */
function objectOf(segment: string): Json | null {
  const bytes = Buffer.from(segment, 'base64url');
  if (!isUtf8(bytes)) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}
