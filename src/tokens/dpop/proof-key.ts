import { constants, createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { ProofAlgorithm } from '../../common/proof-algorithms.js';

/** The public key that a proof brings along. */
export interface ProofKey {
  /** RFC 7638, by SHA-256: the `jkt` of the tokens that are bound to it. */
  readonly thumbprint: string;
  verifies(signingInput: string, signature: Buffer): boolean;
}

type Header = Record<string, unknown>;
type Members = Record<string, string>;

/** The members that make a key, in the order of RFC 7638 3.2; null where one is missing or written in another way. */
type KeyForm = (jwk: Header) => Members | null;

interface Algorithm {
  readonly membersOf: KeyForm;
  readonly verifies: (input: Buffer, key: KeyObject, signature: Buffer) => boolean;
}

/** How many bytes a text of canonical base64url stands for; 0 for every other value. A second spelling would be a second thumbprint. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'string' || value.length > 700) return 0;
  const bytes = Buffer.from(value, 'base64url');
  return bytes.toString('base64url') === value ? bytes.length : 0;
}

// RFC 7518 6.2.1.2: coordinates have their full length.
const p256: KeyForm = ({ kty, crv, x, y }) =>
  kty === 'EC' && crv === 'P-256' && bytesOf(x) === 32 && bytesOf(y) === 32
    ? { crv, kty, x: x as string, y: y as string }
    : null;

// RFC 8037 2.
const ed25519: KeyForm = ({ kty, crv, x }) =>
  kty === 'OKP' && crv === 'Ed25519' && bytesOf(x) === 32 ? { crv, kty, x: x as string } : null;

// 2048 bits or more (RFC 7518 3.3), but not so many that a verification hurts, and the one exponent that is in use.
const rsa: KeyForm = ({ kty, n, e }) =>
  kty === 'RSA' && e === 'AQAB' && bytesOf(n) >= 256 && bytesOf(n) <= 512 && !(n as string).startsWith('AA')
    ? { e, kty, n: n as string }
    : null;

const edwards: Algorithm = {
  membersOf: ed25519,
  verifies: (input, key, signature) => verify(null, input, key, signature),
};

const ALGORITHMS: Record<ProofAlgorithm, Algorithm> = {
  ES256: {
    membersOf: p256,
    verifies: (input, key, signature) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature),
  },
  EdDSA: edwards,
  Ed25519: edwards,
  // RFC 7518 3.5: the salt is as long as the hash.
  PS256: {
    membersOf: rsa,
    verifies: (input, key, signature) =>
      verify('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  },
  RS256: { membersOf: rsa, verifies: (input, key, signature) => verify('sha256', input, key, signature) },
};

/** Of an asymmetric key, or of a symmetric one (RFC 7518 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The key in the JOSE header of a proof (RFC 9449 4.2), or null where it has none that fits the header's algorithm. */
export function proofKeyOf({ alg, jwk }: Header): ProofKey | null {
  if (typeof alg !== 'string' || !Object.hasOwn(ALGORITHMS, alg) || typeof jwk !== 'object' || jwk === null)
    return null;
  // RFC 9449 4.3 (7): whoever shows a private key has lost it.
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
    // A point that is not on the curve.
    return null;
  }
}
