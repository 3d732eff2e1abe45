import { timingSafeEqual } from 'node:crypto';

/** A stored hash that has been read and whose cost is within bounds. */
export interface StoredHash {
  /** Whether the hash is that of `password` (UTF-8). Works on the caller's thread, compares in constant time. */
  verify(password: string): boolean;
}

/** Fewer bits than 128 could be met by chance; no system in use stores more than 1024. */
const DIGEST_BYTES = { min: 16, max: 128 } as const;

/** Every format bounds its memory to what one hash may take while all cores hash at once. */
export const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

const DECIMAL = /^(?:0|[1-9]\d{0,9})$/;

/** A decimal without sign or leading zeros, as the PHC string format writes parameters; null outside the bounds. */
export function boundedInteger(text: string, min: number, max: number): number | null {
  if (!DECIMAL.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/** Bytes in the PHC string format's base64 (RFC 4648 4, no padding); null where the text isn't exactly that. */
export function decodeB64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return encodeB64(bytes) === text ? bytes : null;
}

export const encodeB64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

export const isDigestLength = (length: number): boolean => length >= DIGEST_BYTES.min && length <= DIGEST_BYTES.max;

/** Compares in a time that depends on the lengths alone, which are no secret. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
