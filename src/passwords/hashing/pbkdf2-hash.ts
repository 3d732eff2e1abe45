import { pbkdf2Sync } from 'node:crypto';
import { boundedInteger, decodeB64, isDigestLength, sameBytes, type StoredHash } from './stored-hash.js';

const MAX_ITERATIONS = 5_000_000;
const MAX_SALT_BYTES = 128;

const OUTPUT_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;

const PHC = /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$i=(\d+)(?:,l=(\d+))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
// Passlib's modular crypt format writes bare rounds, and `.` where base64 has `+`.
const PASSLIB = /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(\d+)\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/;
// Django takes the salt's characters as they stand and pads its base64.
const DJANGO = /^pbkdf2_(sha1|sha256)\$(\d+)\$([\x21-\x23\x25-\x7e]+)\$([A-Za-z0-9+/]+={0,2})$/;

/** Reads a PBKDF2 string as PHC, Passlib or Django write it; null where it is malformed or dearer than this service will compute. */
export function parsePbkdf2(text: string): StoredHash | null {
  return parsePhc(text) ?? parsePasslib(text) ?? parseDjango(text);
}

function parsePhc(text: string): StoredHash | null {
  const match = PHC.exec(text);
  if (!match) return null;
  const [, name, iterations, length, salt, digestText] = match;
  const digest = decodeB64(digestText!);
  if (length !== undefined && length !== String(digest?.length)) return null;
  return bounded(name, iterations!, decodeB64(salt!), digest);
}

const decodeAdapted = (text: string): Buffer | null => decodeB64(text.replaceAll('.', '+'));

function parsePasslib(text: string): StoredHash | null {
  const match = PASSLIB.exec(text);
  if (!match) return null;
  const [, name, iterations, salt, digest] = match;
  return bounded(name, iterations!, decodeAdapted(salt!), decodeAdapted(digest!));
}

function parseDjango(text: string): StoredHash | null {
  const match = DJANGO.exec(text);
  if (!match) return null;
  const [, name, iterations, salt, digestText] = match;
  const digest = Buffer.from(digestText!, 'base64');
  return bounded(name, iterations!, Buffer.from(salt!), digest.toString('base64') === digestText ? digest : null);
}

function bounded(
  name: string | undefined,
  rounds: string,
  salt: Buffer | null,
  digest: Buffer | null,
): StoredHash | null {
  const hashFunction = (name ?? 'sha1') as keyof typeof OUTPUT_BYTES; // both formats leave out the suffix for SHA-1
  const iterations = boundedInteger(rounds, 1, MAX_ITERATIONS);
  if (!iterations || !salt || !digest || salt.length > MAX_SALT_BYTES || !isDigestLength(digest.length)) return null;
  // RFC 8018 5.2: each block of output repeats all iterations.
  const blocks = Math.ceil(digest.length / OUTPUT_BYTES[hashFunction]);
  if (iterations * blocks > MAX_ITERATIONS) return null;
  return {
    verify: (password) => sameBytes(pbkdf2Sync(password, salt, iterations, digest.length, hashFunction), digest),
  };
}
