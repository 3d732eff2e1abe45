/** A stored hash that has been read and whose cost is within bounds. */
export interface StoredHash {
  /** Whether the hash is that of `password` (UTF-8). Works on the caller's thread, compares in constant time. */
  verify(password: string): boolean;
}

/** One way to write a hash. */
export interface Spelling {
  /** What such a text looks like, for the documentation and for people whose text is refused. */
  like: string;
  form: RegExp;
  /** Gets what the groups of `form` have matched. Throws {@link HashFault}. */
  read: (...parts: string[]) => StoredHash;
}

/** A family of hashes, as libraries and products write them. */
export interface HashFormat {
  name: string;
  /** Matches every text that claims to be of this format, also a malformed one. */
  mark: RegExp;
  spellings: readonly Spelling[];
}

/** What is wrong with a hash. The message follows on "the hash", and never repeats the text. */
export class HashFault extends Error {}

/** Every format bounds its memory to what one hash may take while all cores hash at once. */
export const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Formats that repeat a digest in JavaScript take about 1 µs a time, so this many take about as long as the dearest others. */
export const MAX_REPETITIONS = 1_048_576;

/** They read the password each time. crypt(3) takes no longer one either. */
export const MAX_REPEATED_BYTES = 511;

const MAX_SALT_BYTES = 128;
/** Fewer bits than 128 could be met by chance; no system in use stores more than 1024. */
const DIGEST_BYTES = { min: 16, max: 128 } as const;
const DECIMAL = /^(?:0|[1-9]\d{0,9})$/;

/** Throws {@link HashFault} outside the bounds. */
export function within(what: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new HashFault(`its ${what} must be ${min} to ${max}`);
}

/** A decimal without sign or leading zeros, as the PHC string format writes parameters. Throws {@link HashFault}. */
export const decimal = (what: string, text: string, min: number, max: number): number =>
  within(what, DECIMAL.test(text) ? Number(text) : Number.NaN, min, max);

/**
 * Bytes of base64 (RFC 4648 4) or base64url (5), with padding or without. The spare bits of the last character are
 * ignored: not all libraries write zeros there, and none reads them. Throws {@link HashFault}.
 */
export function base64(what: string, text: string): Buffer {
  const digits = text.replace(/={1,2}$/, '');
  // RFC 4648 4: a single character holds no byte.
  if (!/^[\w+/-]+$/.test(digits) || digits.length % 4 === 1) throw new HashFault(`its ${what} must be base64`);
  return Buffer.from(digits, 'base64');
}

/** Throws {@link HashFault} for a salt that no system makes. */
export function salted(salt: Buffer, min = 1, max = MAX_SALT_BYTES): Buffer {
  within('salt in bytes', salt.length, min, max);
  return salt;
}

/** Throws {@link HashFault} for a digest that is too short to rely on, was cut, or is longer than any system makes. */
export function whole(digest: Buffer): Buffer {
  within('digest in bytes', digest.length, DIGEST_BYTES.min, DIGEST_BYTES.max);
  // All functions and libraries give whole words.
  if (digest.length % 4 !== 0) throw new HashFault('its digest is cut short');
  return digest;
}
