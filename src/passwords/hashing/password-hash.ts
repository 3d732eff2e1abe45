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
 * Returns why this service cannot verify `hash`, in words that follow its name and do not contain it; null where it
 * can. It accepts the formats in docs/migrating.md, with a cost that is no denial of service: at most 256 MiB of
 * memory, and a few seconds of one core (argon2 20 passes and 16 lanes, scrypt 1 GiB of memory × p and 16 lanes, bcrypt
 * cost 16, PBKDF2 5,000,000 iterations, other digests 1,048,576).
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
 * Parses `hash`, and returns a function that tells whether it is the hash of one of `passwords`. They are hashed as
 * they are (UTF-8): the caller normalises them. All are tried, so that the time does not tell which one is right. The
 * function returns false for a hash in which {@link faultOfHash} finds a fault. It blocks its thread, so only hashing
 * threads should call it. It throws only where memory cannot be allocated.
 */
export function verifierOf(read: HashReader, hash: string): (passwords: readonly string[]) => boolean {
  const stored = tryToRead(read, hash);
  return (passwords) =>
    typeof stored !== 'string' && passwords.map((password) => stored.verify(password)).includes(true);
}

/** Tells whether verifying `hash` costs the same as a hash of our own with `parameters`. */
export function hasCostOf(parameters: HashParameters, hash: string): boolean {
  return hash.startsWith(argon2idPrefix(parameters));
}

/** Hashes `password` with argon2id to a PHC string. For hashing threads only, like {@link verifierOf}. */
export function hashPassword(password: string, parameters: HashParameters): string {
  return hashArgon2id(password, parameters);
}

/**
 * Tells whether a password that has just been verified against `hash` should be hashed again: true for everything but
 * argon2id of version 1.3 with exactly `parameters`. They must be exact: an account with another cost could be told
 * from the others, and from an unknown one, by the time of the answer.
 */
export function needsUpgrade(hash: string, parameters: HashParameters): boolean {
  return !isCurrentArgon2id(hash, parameters);
}

/**
 * Makes a hash that no password matches, for users that do not exist or have no password: verifying against it costs
 * the same as any current hash, and is false. Create one at the start; no hash is computed for it.
 */
export function createDecoy(parameters: HashParameters): string {
  return randomArgon2id(parameters);
}
