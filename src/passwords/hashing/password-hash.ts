import {
  argon2idPrefix,
  hashArgon2id,
  isCurrentArgon2id,
  parseArgon2,
  randomArgon2id,
  type HashParameters,
} from './argon2-hash.js';
import { parseBcrypt } from './bcrypt-hash.js';
import { parsePbkdf2 } from './pbkdf2-hash.js';
import { parseScrypt } from './scrypt-hash.js';
import type { StoredHash } from './stored-hash.js';

export { DEFAULT_HASH_PARAMETERS, type HashParameters } from './argon2-hash.js';

const MAX_LENGTH = 512;

function parse(hash: string): StoredHash | null {
  if (hash.length > MAX_LENGTH) return null;
  return parseArgon2(hash) ?? parseBcrypt(hash) ?? parseScrypt(hash) ?? parsePbkdf2(hash);
}

/**
 * Whether this service can verify `hash`: a well-formed argon2, scrypt or PBKDF2 string (PHC format; for PBKDF2 also
 * Passlib's and Django's), or bcrypt in modular crypt format, of a cost that is no denial of service. At most 256 MiB
 * of memory, and a few seconds of one core: argon2 20 passes and 16 lanes, scrypt 1 GiB of memory × p and 16 lanes,
 * bcrypt cost 16, PBKDF2 5,000,000 iterations.
 */
export function isSupportedHash(hash: string): boolean {
  return parse(hash) !== null;
}

/**
 * Reads `hash`, and returns what says whether it is that of one of `passwords`. They are hashed as they stand (UTF-8): the
 * caller normalises them. All are tried, so that the time does not tell which is right. False for a hash that
 * {@link isSupportedHash} refuses. Takes the thread that calls it, so only a hashing thread should; throws only where
 * memory cannot be had.
 */
export function verifierOf(hash: string): (passwords: readonly string[]) => boolean {
  const stored = parse(hash);
  return (passwords) => stored !== null && passwords.map((password) => stored.verify(password)).includes(true);
}

/** Whether to verify `hash` costs what a hash of our own with `parameters` costs. */
export function hasCostOf(parameters: HashParameters, hash: string): boolean {
  return hash.startsWith(argon2idPrefix(parameters));
}

/** A new argon2id hash of `password` as a PHC string. For hashing threads, as {@link verifierOf}. */
export function hashPassword(password: string, parameters: HashParameters): string {
  return hashArgon2id(password, parameters);
}

/**
 * Whether a password that has just been verified against `hash` should be hashed anew: true for everything but
 * argon2id of version 1.3 with exactly `parameters`. Exactly, since an account that costs more or less than the rest
 * can be told from them, and from an unknown one, by the time of the answer.
 */
export function needsUpgrade(hash: string, parameters: HashParameters): boolean {
  return !isCurrentArgon2id(hash, parameters);
}

/**
 * A hash of no password, for users that do not exist or have none: to verify against it costs what any current hash
 * costs, and is false. Draw one at start; no hash is computed for it.
 */
export function createDecoy(parameters: HashParameters): string {
  return randomArgon2id(parameters);
}
