import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { derOfEcdsa, ecdsaOfDer } from './ecdsa-form.js';

/** The algorithms of signatures that we verify (RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2.2), all asymmetric. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** The algorithms with which this service signs (RFC 7518 3.1): HS256 only where it alone verifies. */
export type SigningAlgorithm = 'ES256' | 'RS256' | 'HS256';

type Verify = (text: Buffer, key: KeyObject, signature: Buffer) => boolean;

const VERIFY: Record<SignatureAlgorithm | SigningAlgorithm, Verify> = {
  ES256: (text, key, signature) => {
    const der = derOfEcdsa(signature);
    return der !== null && verify('sha256', text, key, der);
  },
  // RFC 7518 3.5: the salt is as long as the hash.
  PS256: (text, key, signature) =>
    verify('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  RS256: (text, key, signature) => verify('sha256', text, key, signature),
  EdDSA: (text, key, signature) => verify(null, text, key, signature),
  Ed25519: (text, key, signature) => verify(null, text, key, signature),
  HS256: (text, key, signature) => {
    const own = createHmac('sha256', key).update(text).digest();
    return own.length === signature.length && timingSafeEqual(own, signature);
  },
};

/**
 * Tells whether a signature is that of this key over this text, by this algorithm. The algorithm has to be one of the
 * key's own, never one that only a header names.
 */
export const isSignature = (
  algorithm: SignatureAlgorithm | SigningAlgorithm,
  text: string,
  key: KeyObject,
  signature: Buffer,
): boolean => VERIFY[algorithm](Buffer.from(text, 'latin1'), key, signature);

/** Signs a text with a key. */
export function signatureOf(algorithm: SigningAlgorithm, text: string, key: KeyObject): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(text).digest();
  const signature = sign('sha256', Buffer.from(text, 'latin1'), key);
  return algorithm === 'ES256' ? ecdsaOfDer(signature) : signature;
}
