import { publicKeyOf, thumbprintOf, type Jwk } from '../../jose/public-key.js';
import { isSignature } from '../../jose/signature.js';

/** The public key in the header of a proof. */
export interface ProofKey {
  /** The thumbprint by RFC 7638 with SHA-256, which is the `jkt` of the tokens that are bound to the key. */
  readonly thumbprint: string;
  verifies(signingInput: string, signature: Buffer): boolean;
}

/**
 * Returns the key in the JOSE header of a proof (RFC 9449 4.2); null where there is none that fits the header's
 * algorithm.
 */
export function proofKeyOf({ alg, jwk }: Record<string, unknown>): ProofKey | null {
  const known = typeof jwk === 'object' && jwk !== null ? publicKeyOf(jwk as Jwk) : null;
  const algorithm = known?.algorithms.find((name) => name === alg);
  if (!known || !algorithm) return null;
  const { key } = known;
  return {
    thumbprint: thumbprintOf(key),
    verifies: (signingInput, signature) => isSignature(algorithm, signingInput, key, signature),
  };
}
