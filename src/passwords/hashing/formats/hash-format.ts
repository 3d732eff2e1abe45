/** A stored hash that has been parsed and whose cost is within bounds. */
export interface StoredHash {
  /**
   * Tells whether the hash is that of `password` (UTF-8). Works on the caller's thread, and compares in constant time.
   */
  verify(password: string): boolean;
}

/** One way to write a hash. */
export interface Spelling {
  /** An example, for the documentation and for people whose hash is refused. */
  like: string;
  form: RegExp;
  /** Parses the matches of the groups of `form`. Throws {@link HashFault}. */
  read: (...parts: string[]) => StoredHash;
}

/** A family of hashes, as libraries and products write them. */
export interface HashFormat {
  name: string;
  /** Matches every text that claims to be of this format, also a malformed one. */
  mark: RegExp;
  spellings: readonly Spelling[];
}

/** The fault of a hash. The message continues "the hash", and does not contain the hash. */
export class HashFault extends Error {}

/** The most memory of one hash in any format, so that all cores can hash at the same time. */
export const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/**
 * The most repetitions of a digest in JavaScript. At about 1 µs each they take about as long as the most expensive
 * other formats.
 */
export const MAX_REPETITIONS = 1_048_576;

/** The longest password of these formats in bytes, because each repetition reads it. crypt(3) has the same limit. */
export const MAX_REPEATED_BYTES = 511;

const MAX_SALT_BYTES = 128;
/** The bounds of a digest: fewer than 128 bits could match by chance, and no system in use stores more than 1024. */
const DIGEST_BYTES = { min: 16, max: 128 } as const;
const DECIMAL = /^(?:0|[1-9]\d{0,9})$/;

/** Returns a number within the bounds. Throws {@link HashFault} outside of them. */
export function within(what: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new HashFault(`its ${what} must be ${min} to ${max}`);
}

/**
 * Parses a decimal number without sign or leading zeros, as the PHC string format writes parameters. Throws
 * {@link HashFault}.
 */
export const decimal = (what: string, text: string, min: number, max: number): number =>
  within(what, DECIMAL.test(text) ? Number(text) : Number.NaN, min, max);

/**
 * Decodes base64 (RFC 4648 4) or base64url (5), with padding or without. It ignores the unused bits of the last
 * character, because not all libraries write zeros there. Throws {@link HashFault}.
 */
export function base64(what: string, text: string): Buffer {
  const digits = text.replace(/={1,2}$/, '');
  // RFC 4648 4: a single character holds no byte.
  if (!/^[\w+/-]+$/.test(digits) || digits.length % 4 === 1) throw new HashFault(`its ${what} must be base64`);
  return Buffer.from(digits, 'base64');
}

/** Returns the salt. Throws {@link HashFault} for one that no system makes. */
export function salted(salt: Buffer, min = 1, max = MAX_SALT_BYTES): Buffer {
  within('salt in bytes', salt.length, min, max);
  return salt;
}

/**
 * Returns the digest. Throws {@link HashFault} for one that is too short to be safe, was cut, or is longer than any
 * system makes.
 */
export function whole(digest: Buffer): Buffer {
  within('digest in bytes', digest.length, DIGEST_BYTES.min, DIGEST_BYTES.max);
  // All functions and libraries return a multiple of four bytes.
  if (digest.length % 4 !== 0) throw new HashFault('its digest is cut short');
  return digest;
}
