import { compactJwsOf, type CompactJws } from './form-gate.js';
import { isSignedBy, jsonObjectOf, type JsonObject } from './jws.js';
import type { PublicKey } from './public-key.js';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './signature.js';

/** A JWT that somebody else has made, taken apart. Nothing of it is believed before {@link isSignedByOneOf}. */
export interface ForeignJwt {
  readonly algorithm: SignatureAlgorithm;
  /** Null where it names no key. */
  readonly kid: string | null;
  /** What it says to be (RFC 7519 5.1), in lower case and without `application/`; null where it does not say. */
  readonly type: string | null;
  readonly claims: JsonObject;
  readonly jws: CompactJws;
}

/** Null for whatever is not exactly one JWS in compact serialisation, signed by an asymmetric algorithm that we know. */
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

/** The keys of a set that may have signed it: the ones that it names, or the only one that there is. */
export function candidatesFor({ kid, algorithm }: ForeignJwt, keys: readonly PublicKey[]): readonly PublicKey[] {
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(algorithm));
  if (kid !== null) return fitting.filter((key) => key.kid === kid);
  return fitting.length === 1 ? fitting : [];
}

/** Whether one of these keys has signed it. */
export function isSignedByOneOf(jwt: ForeignJwt, keys: readonly PublicKey[]): boolean {
  return candidatesFor(jwt, keys).some(({ key }) => isSignedBy(jwt.jws, jwt.algorithm, key));
}
