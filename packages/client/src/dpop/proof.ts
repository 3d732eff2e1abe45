import { createHash } from 'node:crypto';
import { TokenError } from '../errors.js';
import { compactTokenOf } from '../form-gate.js';
import { TokenFault } from '../token-fault.js';
import { proofKeyOf, type ProofKey } from './proof-key.js';
import { targetUriOf } from './target-uri.js';

/** How old a proof may be, in seconds. */
export const MAX_AGE = 60;
/** How far the clock of a proof's sender may be ahead, in seconds. */
export const MAX_AHEAD = 15;
const MAX_ID_LENGTH = 128;

/** A request with an access token, and with a proof of the key that the token is bound to. */
export interface PresentedProof {
  /** The value of the request's one `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** The URL that the client asked for: absolute, or path and query below `publicUrl`. */
  readonly url: string;
}

/** A proof of possession that has passed the checks of RFC 9449 4.3, except that of an earlier use. */
export interface Proof {
  readonly thumbprint: string;
  /** Its own id (`jti`). */
  readonly id: string;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

function objectOf(segment: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** Reads the key of a proof from its first segment, which is the same in all proofs of a client. */
export function keyOfHeader(segment: string): ProofKey | null {
  const header = objectOf(segment);
  // RFC 7515 4.1.11: no extension is understood here.
  if (header?.typ !== 'dpop+jwt' || 'crit' in header) return null;
  return proofKeyOf(header);
}

/**
 * Makes the checks of RFC 9449 4.3 on a proof for an access token. Nothing in it is trusted before its signature is
 * verified. Throws `invalid_dpop_proof`. `now` is in seconds; the URL is absolute.
 */
export function readProof(
  { proof, method, url }: PresentedProof,
  accessToken: string,
  now: number,
  keyOf = keyOfHeader,
): Proof {
  const compact = compactTokenOf(proof);
  if (!compact) throw proofFault('form', 'a JWS in compact serialisation', `${proof.length} characters`);
  const key = keyOf(compact.header);
  if (!key) throw proofFault('header', 'typ dpop+jwt, and a public key for an alg that is supported', 'another');
  if (!key.verifies(compact.signingInput, Buffer.from(compact.signature, 'base64url')))
    throw proofFault('signature', 'one by the key of the proof', 'another');
  const { jti, htm, htu, iat, exp, nbf, ath } = objectOf(compact.payload) ?? {};
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID_LENGTH)
    throw proofFault('jti', `1 to ${MAX_ID_LENGTH} characters`, jti);
  if (htm !== method) throw proofFault('htm', method, htm);
  if (typeof htu !== 'string' || !isTarget(htu, url)) throw proofFault('htu', url.replace(/[?#].*/s, ''), htu);
  if (!isNumber(iat) || iat < now - MAX_AGE || iat > now + MAX_AHEAD)
    throw proofFault('iat', `${Math.floor(now) - MAX_AGE} to ${Math.floor(now) + MAX_AHEAD}`, iat);
  // RFC 7519 4.1.4, 4.1.5: a proof needs neither, but they count where they are present.
  if (exp !== undefined && !(isNumber(exp) && now < exp)) throw proofFault('exp', `after ${Math.floor(now)}`, exp);
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= now + MAX_AHEAD))
    throw proofFault('nbf', `${Math.floor(now) + MAX_AHEAD} at most`, nbf);
  if (ath !== createHash('sha256').update(accessToken).digest('base64url'))
    throw proofFault('ath', 'the hash of the access token', ath);
  return { thumbprint: key.thumbprint, id: jti };
}

export const proofFault = (check: string, expected: string, found: unknown): TokenError =>
  new TokenError('invalid_dpop_proof', new TokenFault(`proof ${check}`, expected, found));

function isTarget(htu: string, url: string): boolean {
  const claimed = targetUriOf(htu);
  return claimed !== null && claimed === targetUriOf(url);
}
