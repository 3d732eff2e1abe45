/** How others may sign what we verify (RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2.2): by asymmetric keys alone. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
