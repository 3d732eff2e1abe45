import { isPrivate, publicKeyOf, type Jwk, type PublicKey } from './public-key.js';

/** A JWK Set (RFC 7517 5) in JSON. */
export interface JwkSet {
  keys: Jwk[];
}

/** The most keys that are read of a set. No issuer has more in use. */
const MAX_KEYS = 32;
const MAX_REGISTERED_KEYS = 10;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Tells whether all texts of a JSON value can be stored: PostgreSQL's JSON holds neither U+0000 nor half a surrogate
 * pair.
 */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  return typeof value !== 'object' || value === null || Object.entries(value).flat().every(isStorable);
}

/**
 * Returns the keys of a set that can verify, without those that are not understood (RFC 7517 5). Null where the value
 * is no key set.
 */
export function keySetOf(value: unknown): readonly PublicKey[] | null {
  if (!isObject(value) || !Array.isArray(value['keys'])) return null;
  return value['keys']
    .slice(0, MAX_KEYS)
    .filter(isObject)
    .flatMap((jwk) => publicKeyOf(jwk) ?? []);
}

/**
 * Describes the fault of a set that somebody registers; null where it has none. Each of its keys has to be understood.
 */
export function faultOfKeySet(value: unknown): string | null {
  const keys = isObject(value) ? value['keys'] : null;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_REGISTERED_KEYS) {
    return `must be a JWK Set of 1 to ${MAX_REGISTERED_KEYS} keys`;
  }
  if (!keys.every(isObject)) return 'must be a JWK Set';
  if (!isStorable(value)) return 'must be of well-formed Unicode without U+0000';
  if (keys.some(isPrivate)) return 'must hold public keys: whoever shows a private key has lost it';
  const read = keys.map(publicKeyOf);
  if (!read.every((key) => key !== null)) {
    return 'must hold signature keys of the kinds P-256, Ed25519, or RSA of 2048 to 4096 bits with the exponent 65537';
  }
  const kids = read.map(({ kid }) => kid);
  if (kids.length > 1 && (kids.includes(null) || new Set(kids).size < kids.length)) {
    return 'must give each key a kid of its own';
  }
  return null;
}
