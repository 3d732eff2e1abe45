import { scryptSync } from 'node:crypto';
import { sameBytes } from '../../../common/crypto.js';
import {
  base64,
  decimal,
  HashFault,
  MAX_MEMORY_BYTES,
  salted,
  whole,
  within,
  type HashFormat,
  type StoredHash,
} from './hash-format.js';

/** The parameters of RFC 7914 2. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

const MAX_BLOCK_SIZE = 64;
const MAX_PARALLELISM = 16;
// The lanes run one after the other, so time grows with memory × p.
const MAX_WORK_BYTES = 4 * MAX_MEMORY_BYTES;

/**
 * Checks the cost. Throws {@link HashFault} where scrypt cannot be computed, or costs more than this service accepts.
 */
export function boundedScrypt({ N, r, p }: ScryptCost): ScryptCost {
  within('block size', r, 1, MAX_BLOCK_SIZE);
  within('parallelism', p, 1, MAX_PARALLELISM);
  if (!(N > 1) || !Number.isInteger(Math.log2(N))) throw new HashFault('its N must be a power of 2');
  // RFC 7914 2: N < 2^(128 * r / 8)
  if (Math.log2(N) >= 16 * r) throw new HashFault('its N is too large for its block size');
  const memory = 128 * N * r;
  if (memory > MAX_MEMORY_BYTES) throw new HashFault('it needs more than 256 MiB of memory');
  if (memory * p > MAX_WORK_BYTES) throw new HashFault('its parallelism is too large for its memory');
  return { N, r, p };
}

/** Derives bytes from a password with scrypt. */
export const scrypt = (password: string, salt: Uint8Array, length: number, { N, r, p }: ScryptCost): Buffer =>
  // RFC 7914 5 and 6: V takes 128·r·N bytes, B 128·r·p, and the mixing needs two blocks more.
  scryptSync(password, salt, length, { N, r, p, maxmem: 128 * r * (N + p + 2) });

function scryptHash(cost: ScryptCost, salt: Buffer, digest: Buffer): StoredHash {
  boundedScrypt(cost);
  salted(salt);
  whole(digest);
  return { verify: (password) => sameBytes(scrypt(password, salt, digest.length, cost), digest) };
}

const MAX_LN = 30;
const decimalN = (text: string): number => decimal('N', text, 2, 2 ** MAX_LN);

const costOf = (N: number, r: string, p: string): ScryptCost => ({
  N,
  r: decimal('block size', r, 1, MAX_BLOCK_SIZE),
  p: decimal('parallelism', p, 1, MAX_PARALLELISM),
});

export const SCRYPT: HashFormat = {
  name: 'scrypt',
  mark: /^(?:\$scrypt\$|scrypt[$:])/,
  spellings: [
    {
      like: '$scrypt$ln=15,r=8,p=1$salt$digest',
      form: /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: (ln, r, p, salt, digest) =>
        scryptHash(costOf(2 ** decimal('ln', ln, 1, MAX_LN), r, p), base64('salt', salt), base64('digest', digest)),
    },
    {
      like: '$scrypt$n=16384,r=8,p=1$salt$digest (AdonisJS)',
      form: /^\$scrypt\$n=(\d+),r=(\d+),p=(\d+)\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: (N, r, p, salt, digest) =>
        scryptHash(costOf(decimalN(N), r, p), base64('salt', salt), base64('digest', digest)),
    },
    {
      like: 'scrypt$16384$salt$8$1$digest (Django)',
      form: /^scrypt\$(\d+)\$([\x21-\x23\x25-\x7e]+)\$(\d+)\$(\d+)\$([\w+/=-]+)$/,
      read: (N, salt, r, p, digest) =>
        scryptHash(costOf(decimalN(N), r, p), Buffer.from(salt), base64('digest', digest)),
    },
    {
      like: 'scrypt:32768:8:1$salt$digest (Werkzeug)',
      form: /^scrypt:(\d+):(\d+):(\d+)\$([\x21-\x23\x25-\x7e]+)\$((?:[0-9a-f]{2})+)$/,
      read: (N, r, p, salt, digest) =>
        scryptHash(costOf(decimalN(N), r, p), Buffer.from(salt), Buffer.from(digest, 'hex')),
    },
  ],
};

/**
 * The scrypt format of Spring Security. Its first part is a hexadecimal number: log2(N) in 16 bits, r and p in 8 bits
 * each.
 */
export const SCRYPT_BY_SPRING: HashFormat = {
  name: 'scrypt of Spring Security',
  mark: /^\$[0-9a-f]{5,6}\$/,
  spellings: [
    {
      like: '$e0801$salt$digest',
      form: /^\$([0-9a-f]{5,6})\$([\w+/=-]+)\$([\w+/=-]+)$/,
      read: (parameters, salt, digest) => {
        const packed = Number.parseInt(parameters, 16);
        const cost = { N: 2 ** (packed >> 16), r: (packed >> 8) & 0xff, p: packed & 0xff };
        return scryptHash(cost, base64('salt', salt), base64('digest', digest));
      },
    },
  ],
};

/** The scrypt format of Better Auth, which uses the characters of the salt as they are. */
export const SCRYPT_BY_BETTER_AUTH: HashFormat = {
  name: 'scrypt of Better Auth',
  mark: /^[0-9a-f]{32}:[0-9a-f]{128}$/,
  spellings: [
    {
      like: 'salt:digest, both in hexadecimal',
      form: /^([0-9a-f]{32}):([0-9a-f]{128})$/,
      read: (salt, digest) => scryptHash({ N: 16_384, r: 16, p: 1 }, Buffer.from(salt), Buffer.from(digest, 'hex')),
    },
  ],
};
