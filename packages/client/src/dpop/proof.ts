import { createHash } from 'node:crypto';
import { compactTokenOf } from '../form-gate.js';
import { proofKeyOf, type ProofKey } from './proof-key.js';
import { targetUriOf } from './target-uri.js';

/** How old a proof may be, in seconds. */
export const MAX_AGE = 60;
/** How far the clock of who made it may be ahead, in seconds. */
export const MAX_AHEAD = 15;
const MAX_ID_LENGTH = 128;

/** A request that brings an access token and a proof of the key that the token is bound to. */
export interface PresentedProof {
  /** The value of the request's one `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /** The URL that the client asked for: absolute, or path and query below `publicUrl`. */
  readonly url: string;
}

/** Who has signed a proof that stands (RFC 9449 4.3), but for having been used before. */
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

/** The key of a proof by its first segment, which is the same in every proof that a client makes. */
export function keyOfHeader(segment: string): ProofKey | null {
  const header = objectOf(segment);
  // RFC 7515 4.1.11: no extension is understood here.
  if (header?.typ !== 'dpop+jwt' || 'crit' in header) return null;
  return proofKeyOf(header);
}

/**
 * The checks of RFC 9449 4.3 on a proof for an access token, in an order in which nothing is believed before the
 * signature. Null for one that does not stand. `now` in seconds; the URL is absolute.
 */
export function readProof(
  { proof, method, url }: PresentedProof,
  accessToken: string,
  now: number,
  keyOf = keyOfHeader,
): Proof | null {
  const compact = compactTokenOf(proof);
  const key = compact && keyOf(compact.header);
  if (!key?.verifies(compact!.signingInput, Buffer.from(compact!.signature, 'base64url'))) return null;
  const { jti, htm, htu, iat, exp, nbf, ath } = objectOf(compact!.payload) ?? {};
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID_LENGTH) return null;
  if (htm !== method || typeof htu !== 'string' || !isTarget(htu, url)) return null;
  if (!isNumber(iat) || iat < now - MAX_AGE || iat > now + MAX_AHEAD) return null;
  // RFC 7519 4.1.4, 4.1.5: a proof needs neither, but they mean what they say.
  if (exp !== undefined && !(isNumber(exp) && now < exp)) return null;
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= now + MAX_AHEAD)) return null;
  if (ath !== createHash('sha256').update(accessToken).digest('base64url')) return null;
  return { thumbprint: key.thumbprint, id: jti };
}

function isTarget(htu: string, url: string): boolean {
  const claimed = targetUriOf(htu);
  return claimed !== null && claimed === targetUriOf(url);
}
