import { compactJwsOf, type CompactJws } from './form-gate.js';
import { isSignedBy, jsonObjectOf, type JsonObject } from './jws.js';
import type { PublicKey } from './public-key.js';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './signature.js';

/** A parsed JWT of another issuer. Nothing in it can be trusted before {@link isSignedByOneOf}. */
export interface ForeignJwt {
  readonly algorithm: SignatureAlgorithm;
  /** The id of the key; null where the JWT names none. */
  readonly kid: string | null;
  /** Its `typ` (RFC 7519 5.1), in lower case and without `application/`; null where there is none. */
  readonly type: string | null;
  readonly claims: JsonObject;
  readonly jws: CompactJws;
}

/**
 * Parses a JWT. Returns null for a text that is not exactly one JWS in compact serialisation with an asymmetric
 * algorithm that we know.
 */
export function foreignJwtOf(token: string): ForeignJwt | null {
  const jws = compactJwsOf(token);
  const header = jws && jsonObjectOf(jws.header);
  const claims = jws && jsonObjectOf(jws.payload);
  if (!header || !claims) return null;
  const { alg, kid = null, typ = null } = header;
  const algorithm = SIGNATURE_ALGORITHMS.find((known) => known === alg);
  // RFC 7515 4.1.11: no extension is understood here.
  if (!algorithm || 'crit' in header) return null;
  if ((kid !== null && typeof kid !== 'string') || (typ !== null && typeof typ !== 'string')) return null;
  // RFC 7515 4.1.9: a media type, whose case does not count.
  return { algorithm, kid, type: typ && typ.toLowerCase().replace(/^application\//, ''), claims, jws };
}

/** Returns the keys of a set that may have signed the JWT: those that it names, or the only one. */
export function candidatesFor({ kid, algorithm }: ForeignJwt, keys: readonly PublicKey[]): readonly PublicKey[] {
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(algorithm));
  if (kid !== null) return fitting.filter((key) => key.kid === kid);
  return fitting.length === 1 ? fitting : [];
}

/** Tells whether one of these keys has signed the JWT. */
export function isSignedByOneOf(jwt: ForeignJwt, keys: readonly PublicKey[]): boolean {
  return candidatesFor(jwt, keys).some(({ key }) => isSignedBy(jwt.jws, jwt.algorithm, key));
}
