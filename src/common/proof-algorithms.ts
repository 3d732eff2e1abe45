/** The algorithms of DPoP proofs that are verified (RFC 9449 5.1), the commonest first. `Ed25519` is the name that RFC 9864 gives to `EdDSA`. */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;

export type ProofAlgorithm = (typeof PROOF_ALGORITHMS)[number];
