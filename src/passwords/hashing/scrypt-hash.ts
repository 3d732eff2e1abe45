import { scryptSync } from 'node:crypto';
import {
  boundedInteger,
  decodeB64,
  isDigestLength,
  MAX_MEMORY_BYTES,
  sameBytes,
  type StoredHash,
} from './stored-hash.js';

const MAX_BLOCK_SIZE = 64;
const MAX_PARALLELISM = 16;
// The lanes run one after the other, so time grows with memory × p.
const MAX_WORK_BYTES = 4 * MAX_MEMORY_BYTES;
const MAX_SALT_BYTES = 128;

const FORMAT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Reads a scrypt PHC string; null where it is malformed or dearer than this service will compute. */
export function parseScrypt(text: string): StoredHash | null {
  const match = FORMAT.exec(text);
  if (!match) return null;
  const [, lnText, rText, pText, saltText, digestText] = match;
  const ln = boundedInteger(lnText!, 1, 30);
  const r = boundedInteger(rText!, 1, MAX_BLOCK_SIZE);
  const p = boundedInteger(pText!, 1, MAX_PARALLELISM);
  const salt = decodeB64(saltText!);
  const digest = decodeB64(digestText!);
  if (!ln || !r || !p || !salt || !digest) return null;
  if (ln >= 16 * r) return null; // RFC 7914 2: N < 2^(128 * r / 8)
  const N = 2 ** ln;
  const memory = 128 * N * r;
  if (memory > MAX_MEMORY_BYTES || memory * p > MAX_WORK_BYTES) return null;
  if (salt.length > MAX_SALT_BYTES || !isDigestLength(digest.length)) return null;
  // RFC 7914 5 and 6: V takes 128·r·N bytes, B 128·r·p, and the mixing needs two blocks more.
  const options = { N, r, p, maxmem: 128 * r * (N + p + 2) };
  return { verify: (password) => sameBytes(scryptSync(password, salt, digest.length, options), digest) };
}
