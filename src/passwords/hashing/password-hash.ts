import {
  argon2idPrefix,
  hashArgon2id,
  isCurrentArgon2id,
  randomArgon2id,
  type HashParameters,
} from './formats/argon2.js';
import { HashFault, type StoredHash } from './formats/hash-format.js';
import type { HashReader } from './formats/hash-formats.js';

export { DEFAULT_HASH_PARAMETERS, type HashParameters } from './formats/argon2.js';

/**
 * Why this service cannot verify `hash`, in words that follow on its name and never repeat it; null where it can. It
 * admits what docs/migrating.md lists, of a cost that is no denial of service: at most 256 MiB of memory, and a few
 * seconds of one core (argon2 20 passes and 16 lanes, scrypt 1 GiB of memory × p and 16 lanes, bcrypt cost 16, PBKDF2
 * 5,000,000 iterations, other digests 1,048,576).
 */
export function faultOfHash(read: HashReader, hash: string): string | null {
  const stored = tryToRead(read, hash);
  return typeof stored === 'string' ? stored : null;
}

function tryToRead(read: HashReader, hash: string): StoredHash | string {
  try {
    return read(hash);
  } catch (error) {
    if (error instanceof HashFault) return error.message;
    throw error;
  }
}

/**
 * Reads `hash`, and returns what says whether it is that of one of `passwords`. They are hashed as they are (UTF-8): the
 * caller normalises them. All are tried, so that the time does not tell which is right. False for a hash in which
 * {@link faultOfHash} finds fault. Takes the thread that calls it, so only a hashing thread should; throws only where
 * memory cannot be had.
 */
export function verifierOf(read: HashReader, hash: string): (passwords: readonly string[]) => boolean {
  const stored = tryToRead(read, hash);
  return (passwords) =>
    typeof stored !== 'string' && passwords.map((password) => stored.verify(password)).includes(true);
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
