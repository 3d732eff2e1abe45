import { randomBytes } from 'node:crypto';
import { hashRawSync, hashSync } from '@node-rs/argon2';
import {
  boundedInteger,
  decodeB64,
  encodeB64,
  isDigestLength,
  MAX_MEMORY_BYTES,
  sameBytes,
  type StoredHash,
} from './stored-hash.js';

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

export interface Argon2Hash extends StoredHash {
  variant: 'argon2d' | 'argon2i' | 'argon2id';
  version: number;
  parameters: HashParameters;
  saltBytes: number;
  digestBytes: number;
}

const VARIANTS = { argon2d: 0, argon2i: 1, argon2id: 2 } as const; // the library's numbers, and RFC 9106 3.2's `y`
const VERSIONS = { 16: 0, 19: 1 } as const;
const CURRENT_VERSION = 19; // RFC 9106 3.1: v = 0x13
const SALT_BYTES = { own: 16, min: 8, max: 64 } as const; // RFC 9106 3.1 recommends 16; its implementations refuse under 8
const OWN_DIGEST_BYTES = 32;
const MAX_PASSES = 20;
const MAX_LANES = 16;

// The reference implementation's order and spelling, without keyid and data: those need a key that is not in the string.
const FORMAT = /^\$(argon2(?:id|i|d))(?:\$v=(16|19))?\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Reads an argon2 PHC string; null where it is malformed or dearer than this service will compute. */
export function parseArgon2(text: string): Argon2Hash | null {
  const match = FORMAT.exec(text);
  if (!match) return null;
  const [, name, v, m, t, p, saltText, digestText] = match;
  const variant = name as Argon2Hash['variant'];
  const parallelism = boundedInteger(p!, 1, MAX_LANES);
  const memoryKib = boundedInteger(m!, 8 * (parallelism ?? 1), MAX_MEMORY_BYTES / 1024);
  const passes = boundedInteger(t!, 1, MAX_PASSES);
  const salt = decodeB64(saltText!);
  const digest = decodeB64(digestText!);
  if (!parallelism || !memoryKib || !passes || !salt || !digest) return null;
  if (salt.length < SALT_BYTES.min || salt.length > SALT_BYTES.max || !isDigestLength(digest.length)) return null;
  const version = v === '19' ? 19 : 16; // strings older than version 19 carry no `v`
  const parameters = { memoryKib, passes, parallelism };
  const options = { ...costOptions(variant, version, parameters), salt, outputLen: digest.length };
  return {
    variant,
    version,
    parameters,
    saltBytes: salt.length,
    digestBytes: digest.length,
    verify: (password) => sameBytes(hashRawSync(password, options), digest),
  };
}

const costOptions = (variant: keyof typeof VARIANTS, version: keyof typeof VERSIONS, cost: HashParameters) => ({
  algorithm: VARIANTS[variant],
  version: VERSIONS[version],
  memoryCost: cost.memoryKib,
  timeCost: cost.passes,
  parallelism: cost.parallelism,
});

/** A new argon2id PHC string with a random salt. */
export function hashArgon2id(password: string, parameters: HashParameters): string {
  const options = costOptions('argon2id', CURRENT_VERSION, parameters);
  return hashSync(password, { ...options, salt: randomBytes(SALT_BYTES.own), outputLen: OWN_DIGEST_BYTES });
}

/** Whether `text` is what {@link hashArgon2id} makes with `parameters`. */
export function isCurrentArgon2id(text: string, parameters: HashParameters): boolean {
  const stored = parseArgon2(text);
  return (
    stored !== null &&
    stored.variant === 'argon2id' &&
    stored.version === CURRENT_VERSION &&
    stored.parameters.memoryKib === parameters.memoryKib &&
    stored.parameters.passes === parameters.passes &&
    stored.parameters.parallelism === parameters.parallelism &&
    stored.saltBytes >= SALT_BYTES.own &&
    stored.digestBytes >= OWN_DIGEST_BYTES
  );
}

/** What an argon2id PHC string that costs what the parameters say begins with. */
export const argon2idPrefix = ({ memoryKib, passes, parallelism }: HashParameters): string =>
  `$argon2id$v=${CURRENT_VERSION}$m=${memoryKib},t=${passes},p=${parallelism}$`;

/** An argon2id PHC string that costs what `parameters` say and is the hash of no known password: its digest is random. */
export function randomArgon2id(parameters: HashParameters): string {
  const [salt, digest] = [randomBytes(SALT_BYTES.own), randomBytes(OWN_DIGEST_BYTES)].map(encodeB64);
  return `${argon2idPrefix(parameters)}${salt}$${digest}`;
}
