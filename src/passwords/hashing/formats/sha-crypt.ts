import { createHash, hash } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import { cryptBase64 } from './crypt-base64.js';
import {
  decimal,
  MAX_REPEATED_BYTES,
  MAX_REPETITIONS,
  type HashFormat,
  type Spelling,
  type StoredHash,
} from './hash-format.js';

const DEFAULT_ROUNDS = '5000';
const FUNCTIONS = { 5: 'sha256', 6: 'sha512' } as const;
type Version = keyof typeof FUNCTIONS;

const spelling = (version: Version, like: string, digits: number): Spelling => ({
  like,
  form: new RegExp(
    `^\\$${version}\\$(?:rounds=(\\d+)\\$)?([\\x21-\\x23\\x25-\\x7e]{0,16})\\$([./0-9A-Za-z]{${digits}})$`,
  ),
  read: (rounds: string | undefined, salt, digest) => readShaCrypt(version, rounds ?? DEFAULT_ROUNDS, salt, digest),
});

/** SHA-crypt, the format of the shadow file of Linux ("Unix crypt using SHA-256 and SHA-512", U. Drepper). */
export const SHA_CRYPT: HashFormat = {
  name: 'SHA-crypt',
  mark: /^\$[56]\$/,
  spellings: [spelling(5, '$5$rounds=5000$salt$digest', 43), spelling(6, '$6$rounds=5000$salt$digest', 86)],
};

function readShaCrypt(version: Version, roundsText: string, salt: string, digest: string): StoredHash {
  const rounds = decimal('number of rounds', roundsText, 1000, MAX_REPETITIONS);
  return {
    verify: (password) => {
      if (Buffer.byteLength(password) > MAX_REPEATED_BYTES) return false;
      const bytes = shaCrypt(FUNCTIONS[version], Buffer.from(password), Buffer.from(salt), rounds);
      return sameBytes(Buffer.from(encode(version, bytes)), Buffer.from(digest));
    },
  };
}

/** Repeats `bytes` up to `length`. */
export const repeated = (bytes: Buffer, length: number): Buffer =>
  length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);

/** Returns the digest of `bytes` repeated `times` times. */
function digestOfMany(name: string, bytes: Buffer, times: number): Buffer {
  const digest = createHash(name);
  for (let i = 0; i < times; i++) digest.update(bytes);
  return digest.digest();
}

function shaCrypt(name: 'sha256' | 'sha512', password: Buffer, salt: Buffer, rounds: number): Buffer {
  const { length } = password;
  const b = hash(name, Buffer.concat([password, salt, password]), 'buffer');
  const first = createHash(name).update(password).update(salt).update(repeated(b, length));
  // Steps 11 and 12: for each bit of the length, from the lowest.
  for (let bits = length; bits > 0; bits >>= 1) first.update(bits & 1 ? b : password);
  const a = first.digest();
  const p = repeated(digestOfMany(name, password, length), length);
  const s = repeated(digestOfMany(name, salt, 16 + a[0]!), salt.length);
  return mixed(name, a, p, s, rounds);
}

/** Runs the rounds of the crypt(3) formats, each of which hashes digest, password and salt in another order. */
export function mixed(name: string, digest: Buffer, password: Buffer, salt: Buffer, rounds: number): Buffer {
  let mix = digest;
  for (let round = 0; round < rounds; round++) {
    const parts = [round % 2 ? password : mix];
    if (round % 3) parts.push(salt);
    if (round % 7) parts.push(password);
    parts.push(round % 2 ? mix : password);
    mix = hash(name, Buffer.concat(parts), 'buffer');
  }
  return mix;
}

/** Encodes the digest's bytes in the order of step 22: one of each third in turn, and then the rest. */
function encode(version: Version, digest: Buffer): string {
  const third = Math.floor(digest.length / 3);
  const order: number[] = [];
  for (let i = 0; i < third; i++) {
    const group = [i, i + third, i + 2 * third];
    const turn = (version === 6 ? i : 2 * i) % 3;
    order.push(...[...group.slice(turn), ...group.slice(0, turn)].toReversed());
  }
  for (let i = 3 * third; i < digest.length; i++) order.push(i);
  return cryptBase64(order.map((index) => digest[index]!));
}
