import { randomBytes } from 'node:crypto';
import { hashRawSync, hashSync } from '@node-rs/argon2';
import { sameBytes } from '../../../common/crypto.js';
import { base64, decimal, MAX_MEMORY_BYTES, salted, whole, type HashFormat, type StoredHash } from './hash-format.js';

/** The cost of an argon2id hash (RFC 9106 3.1). */
export interface HashParameters {
  /** `m`: memory in KiB, at least 8 for each lane. */
  memoryKib: number;
  /** `t`: passes over that memory. */
  passes: number;
  /** `p`: lanes. */
  parallelism: number;
}

/** OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. */
export const DEFAULT_HASH_PARAMETERS: Readonly<HashParameters> = { memoryKib: 19456, passes: 2, parallelism: 1 };

const VARIANTS = { argon2d: 0, argon2i: 1, argon2id: 2 } as const; // the library's numbers, and RFC 9106 3.2's `y`
const VERSIONS = { 16: 0, 19: 1 } as const;
const CURRENT_VERSION = 19; // RFC 9106 3.1: v = 0x13
const SALT_BYTES = { own: 16, min: 8, max: 64 } as const; // RFC 9106 3.1 recommends 16; its implementations refuse under 8
const OWN_DIGEST_BYTES = 32;
const MAX_PASSES = 20;
const MAX_LANES = 16;

/** The PHC string format, before which Django writes a word of its own. */
export const ARGON2: HashFormat = {
  name: 'argon2',
  mark: /^(?:argon2)?\$argon2/,
  spellings: [
    {
      like: '$argon2id$v=19$m=19456,t=2,p=1$salt$digest',
      // The order and spelling of the reference implementation, without keyid and data, which need a key that is not in
      // the string.
      form: /^(?:argon2)?\$(argon2(?:id|i|d))(?:\$v=(16|19))?\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: readArgon2,
    },
  ],
};

// Strings older than version 19 have no `v`.
function readArgon2(
  variant: string,
  version: string | undefined,
  memory: string,
  passes: string,
  lanes: string,
  saltText: string,
  digestText: string,
): StoredHash {
  const parallelism = decimal('number of lanes', lanes, 1, MAX_LANES);
  const cost = {
    parallelism,
    memoryKib: decimal('memory in KiB', memory, 8 * parallelism, MAX_MEMORY_BYTES / 1024),
    passes: decimal('number of passes', passes, 1, MAX_PASSES),
  };
  const salt = salted(base64('salt', saltText), SALT_BYTES.min, SALT_BYTES.max);
  const digest = whole(base64('digest', digestText));
  const options = {
    ...costOptions(variant as keyof typeof VARIANTS, version === '19' ? 19 : 16, cost),
    salt,
    outputLen: digest.length,
  };
  return { verify: (password) => sameBytes(hashRawSync(password, options), digest) };
}

const costOptions = (variant: keyof typeof VARIANTS, version: keyof typeof VERSIONS, cost: HashParameters) => ({
  algorithm: VARIANTS[variant],
  version: VERSIONS[version],
  memoryCost: cost.memoryKib,
  timeCost: cost.passes,
  parallelism: cost.parallelism,
});

/** Hashes a password to an argon2id PHC string with a random salt. */
export function hashArgon2id(password: string, parameters: HashParameters): string {
  const options = costOptions('argon2id', CURRENT_VERSION, parameters);
  return hashSync(password, { ...options, salt: randomBytes(SALT_BYTES.own), outputLen: OWN_DIGEST_BYTES });
}

/** Tells whether a valid hash has exactly the form and `parameters` with which {@link hashArgon2id} writes new ones. */
export function isCurrentArgon2id(text: string, parameters: HashParameters): boolean {
  const prefix = argon2idPrefix(parameters);
  if (!text.startsWith(prefix)) return false;
  const [salt, digest] = text.slice(prefix.length).split('$');
  return byteLength(salt) >= SALT_BYTES.own && byteLength(digest) >= OWN_DIGEST_BYTES;
}

const byteLength = (text = ''): number => Buffer.from(text, 'base64').length;

/** Returns the beginning of an argon2id PHC string with these parameters. */
export const argon2idPrefix = ({ memoryKib, passes, parallelism }: HashParameters): string =>
  `$argon2id$v=${CURRENT_VERSION}$m=${memoryKib},t=${passes},p=${parallelism}$`;

/** Returns an argon2id PHC string with these parameters and a random digest, so that no known password matches it. */
export function randomArgon2id(parameters: HashParameters): string {
  const [salt, digest] = [randomBytes(SALT_BYTES.own), randomBytes(OWN_DIGEST_BYTES)].map((bytes) =>
    bytes.toString('base64').replaceAll('=', ''),
  );
  return `${argon2idPrefix(parameters)}${salt}$${digest}`;
}
