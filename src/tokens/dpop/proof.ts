import { createHash } from 'node:crypto';
import { compactJwsOf } from '../../jose/form-gate.js';
import { jsonObjectOf, type JsonObject } from '../../jose/jws.js';
import { proofKeyOf, type ProofKey } from './proof-key.js';
import { targetUriOf } from './target-uri.js';

/** How old a proof may be, in seconds. */
export const MAX_AGE = 60;
/** How far the clock of a proof's sender may be ahead, in seconds. */
export const MAX_AHEAD = 15;
const MAX_ID_LENGTH = 128;

/** The request that a proof has to be made for. */
export interface ProofTarget {
  readonly method: string;
  /** The target URI of the request, absolute, as its client sees it. */
  readonly url: string;
  /** The access token of the request; null for a request for tokens. */
  readonly accessToken: string | null;
}

/** A proof of possession that has passed the checks of RFC 9449 4.3, except those of its age and of an earlier use. */
export interface Proof {
  /** The thumbprint of the sender's key. */
  readonly thumbprint: string;
  /** Its own id (`jti`). */
  readonly id: string;
  readonly nonce: string | null;
  /**
   * Whether the proof is recent by its own `iat`. A nonce of ours proves the same, whatever the sender's clock says.
   */
  readonly isTimely: boolean;
}

/** The fault of a proof, in a sentence for its sender. */
export class ProofFault extends Error {}

const fail = (message: string): never => {
  throw new ProofFault(message);
};

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const objectOf = (segment: string): JsonObject =>
  jsonObjectOf(segment) ?? fail('header and payload must be JSON objects');

/**
 * Reads the key of a proof from its first segment, which is the same in all proofs of a client. Throws
 * {@link ProofFault}.
 */
export function keyOfHeader(segment: string): ProofKey {
  const header = objectOf(segment);
  if (header['typ'] !== 'dpop+jwt') fail('`typ` must be `dpop+jwt`');
  // RFC 7515 4.1.11: no extension is understood here.
  if ('crit' in header) fail('`crit` is not supported');
  return proofKeyOf(header) ?? fail('`alg` must be one that is supported, and `jwk` a public key for it');
}

/**
 * Makes the checks of RFC 9449 4.3 on a proof. Nothing in it is trusted before its signature is verified. `now` is in
 * seconds. Throws {@link ProofFault}.
 */
export function readProof(jwt: string, target: ProofTarget, now: number, keyOf = keyOfHeader): Proof {
  const jws = compactJwsOf(jwt) ?? fail('exactly one JWS in compact serialisation is expected');
  const key = keyOf(jws.header);
  if (!key.verifies(jws.signingInput, Buffer.from(jws.signature, 'base64url'))) fail('the signature is wrong');
  const { jti, htm, htu, iat, exp, nbf, ath, nonce } = objectOf(jws.payload);
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID_LENGTH)
    return fail(`\`jti\` must be a text of 1 to ${MAX_ID_LENGTH} characters`);
  if (htm !== target.method) fail('`htm` is not the method of the request');
  if (typeof htu !== 'string' || !isTarget(htu, target.url)) fail('`htu` is not the URL of the request');
  if (!isNumber(iat)) return fail('`iat` must be a number of seconds');
  // RFC 7519 4.1.4, 4.1.5: a proof needs neither, but they count where they are present.
  if (exp !== undefined && !(isNumber(exp) && now < exp)) fail('`exp` has passed');
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= now + MAX_AHEAD)) fail('`nbf` has not come yet');
  if (target.accessToken !== null && ath !== hashOf(target.accessToken)) fail('`ath` is not that of the access token');
  if (nonce !== undefined && typeof nonce !== 'string') fail('`nonce` must be a text');
  return {
    thumbprint: key.thumbprint,
    id: jti,
    nonce: typeof nonce === 'string' ? nonce : null,
    isTimely: iat >= now - MAX_AGE && iat <= now + MAX_AHEAD,
  };
}

function isTarget(htu: string, url: string): boolean {
  const claimed = targetUriOf(htu);
  return claimed !== null && claimed === targetUriOf(url);
}

/**
 * Returns a hash by which a used proof is remembered. It covers the key, so that nobody can use up the ids of another
 * client.
 */
export const markOf = ({ thumbprint, id }: Pick<Proof, 'thumbprint' | 'id'>): Buffer =>
  createHash('sha256').update(`${thumbprint}.${id}`).digest();

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
