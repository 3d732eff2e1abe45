import { publicKeyOf, thumbprintOf, type Jwk } from '../../jose/public-key.js';
import { isSignature } from '../../jose/signature.js';

/** The public key that a proof brings along. */
export interface ProofKey {
  /** RFC 7638, by SHA-256: the `jkt` of the tokens that are bound to it. */
  readonly thumbprint: string;
  verifies(signingInput: string, signature: Buffer): boolean;
}

/** The key in the JOSE header of a proof (RFC 9449 4.2), or null where it has none that fits the header's algorithm. */
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
