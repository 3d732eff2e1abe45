import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { SignatureAlgorithm } from './signature.js';

export type Jwk = Readonly<Record<string, unknown>>;

/** A public key of another party. */
export interface PublicKey {
  readonly kid: string | null;
  /** The algorithms that the key may verify. They are of one family, whatever a header says. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly key: KeyObject;
}

interface KeyForm {
  readonly kty: string;
  readonly crv?: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The members that make the key, and a check of the number of bytes in each. */
  readonly members: Readonly<Record<string, (bytes: number) => boolean>>;
}

const is = (size: number) => (bytes: number) => bytes === size;

const FORMS: readonly KeyForm[] = [
  // RFC 7518 6.2.1.2: coordinates have their full length.
  { kty: 'EC', crv: 'P-256', algorithms: ['ES256'], members: { x: is(32), y: is(32) } },
  // RFC 8037 2.
  { kty: 'OKP', crv: 'Ed25519', algorithms: ['EdDSA', 'Ed25519'], members: { x: is(32) } },
  { kty: 'RSA', algorithms: ['RS256', 'PS256'], members: { n: (bytes) => bytes > 0, e: is(3) } },
];

/** The private members of asymmetric keys, and that of symmetric ones (RFC 7518 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Tells whether a JWK has a private member, which its owner must not publish. */
export const isPrivate = (jwk: Jwk): boolean => PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member));

/** Returns the number of bytes in a text of canonical base64url; 0 for every other value. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'string' || value.length > 700) return 0;
  const bytes = Buffer.from(value, 'base64url');
  return bytes.toString('base64url') === value ? bytes.length : 0;
}

/**
 * Converts a JWK (RFC 7517 4) to a key that verifies; null for a key of another kind or use, a private key, or no key.
 */
export function publicKeyOf(jwk: Jwk): PublicKey | null {
  const { kty, crv, kid = null, use = 'sig', key_ops: operations = ['verify'], alg } = jwk;
  const form = FORMS.find((known) => known.kty === kty && known.crv === crv);
  if (!form || isPrivate(jwk) || (kid !== null && typeof kid !== 'string')) return null;
  if (use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify')) return null;
  const algorithms = form.algorithms.filter((algorithm) => alg === undefined || alg === algorithm);
  if (algorithms.length === 0) return null;
  if (!Object.entries(form.members).every(([member, fits]) => fits(bytesOf(jwk[member])))) return null;
  try {
    const members = Object.keys(form.members).map((member) => [member, jwk[member] as string]);
    const key = createPublicKey({ key: { kty, crv, ...Object.fromEntries(members) }, format: 'jwk' });
    // RFC 7518 6.3.1.1: no zeros before a modulus. A second spelling would have a second thumbprint.
    const isSpeltOnce = key.export({ format: 'jwk' }).n === jwk['n'];
    return kty !== 'RSA' || (isSpeltOnce && isBearable(key)) ? { kid, algorithms, key } : null;
  } catch {
    // Node throws for a point that is not on the curve.
    return null;
  }
}

/**
 * Tells whether an RSA key has 2048 bits or more (RFC 7518 3.3), but not so many that verifying takes long, and the one
 * exponent in use.
 */
function isBearable(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  return modulusLength >= 2048 && modulusLength <= 4096 && publicExponent === 65_537n;
}

/**
 * Returns the thumbprint of a public key (RFC 7638, by SHA-256): the hash of its required members, in the order of
 * their names.
 */
export function thumbprintOf(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: 'jwk' });
  // `JSON.stringify` leaves undefined members out.
  const members = JSON.stringify({ crv, e, kty, n, x, y });
  return createHash('sha256').update(members).digest('base64url');
}
