import { constants, createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

/** The public key in the header of a proof. */
export interface ProofKey {
  /** The thumbprint by RFC 7638 with SHA-256, which is the `jkt` of the tokens that are bound to the key. */
  readonly thumbprint: string;
  verifies(signingInput: string, signature: Buffer): boolean;
}

/** The algorithms of proofs that are verified (RFC 9449 5.1). */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;
type ProofAlgorithm = (typeof PROOF_ALGORITHMS)[number];

type Header = Record<string, unknown>;

interface Algorithm {
  /**
   * Returns the members that make a key, in the order of RFC 7638 3.2; null where one is missing or not in its
   * canonical form.
   */
  readonly membersOf: (jwk: Header) => Record<string, string> | null;
  readonly verifies: (input: Buffer, key: KeyObject, signature: Buffer) => boolean;
}

/** Returns the number of bytes in a text of canonical base64url; 0 for every other value. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'string' || value.length > 700) return 0;
  const bytes = Buffer.from(value, 'base64url');
  return bytes.toString('base64url') === value ? bytes.length : 0;
}

const ed25519: Algorithm = {
  membersOf: ({ kty, crv, x }) =>
    kty === 'OKP' && crv === 'Ed25519' && bytesOf(x) === 32 ? { crv, kty, x: x as string } : null,
  verifies: (input, key, signature) => verify(null, input, key, signature),
};

// 2048 bits or more (RFC 7518 3.3), but not so many that verifying takes long, and the one exponent in use.
const rsaMembersOf: Algorithm['membersOf'] = ({ kty, n, e }) =>
  kty === 'RSA' && e === 'AQAB' && bytesOf(n) >= 256 && bytesOf(n) <= 512 && !(n as string).startsWith('AA')
    ? { e, kty, n: n as string }
    : null;

const ALGORITHMS: Record<ProofAlgorithm, Algorithm> = {
  ES256: {
    membersOf: ({ kty, crv, x, y }) =>
      kty === 'EC' && crv === 'P-256' && bytesOf(x) === 32 && bytesOf(y) === 32
        ? { crv, kty, x: x as string, y: y as string }
        : null,
    verifies: (input, key, signature) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature),
  },
  EdDSA: ed25519,
  Ed25519: ed25519,
  PS256: {
    membersOf: rsaMembersOf,
    verifies: (input, key, signature) =>
      verify('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  },
  RS256: {
    membersOf: rsaMembersOf,
    verifies: (input, key, signature) => verify('sha256', input, key, signature),
  },
};

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Returns the key in the JOSE header of a proof (RFC 9449 4.2); null where there is none that fits the header's
 * algorithm.
 */
export function proofKeyOf({ alg, jwk }: Header): ProofKey | null {
  if (typeof alg !== 'string' || !Object.hasOwn(ALGORITHMS, alg) || typeof jwk !== 'object' || jwk === null)
    return null;
  // RFC 9449 4.3 (7): a private key that is sent is no longer private.
  if (PRIVATE_MEMBERS.some((name) => name in jwk)) return null;
  const { membersOf, verifies } = ALGORITHMS[alg as ProofAlgorithm];
  const members = membersOf(jwk as Header);
  if (!members) return null;
  try {
    const key = createPublicKey({ key: members, format: 'jwk' });
    return {
      thumbprint: createHash('sha256').update(JSON.stringify(members)).digest('base64url'),
      verifies: (signingInput, signature) => verifies(Buffer.from(signingInput, 'latin1'), key, signature),
    };
  } catch {
    // Node throws for a point that is not on the curve.
    return null;
  }
}
