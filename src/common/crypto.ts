import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';

/**
 * Derives a 256-bit key for one purpose from the server's secret (HKDF, RFC 5869), so that no two purposes share a key.
 */
export function deriveKey(secret: Buffer, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `countersign/${purpose}`, 32)));
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with AES-256-GCM; `context` (the row's id) is bound as associated data, so that rows cannot be swapped. */
export function seal(key: KeyObject, plaintext: Buffer, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts the result of {@link seal}. Throws where the key, the context or the text is another one. */
export function open(key: KeyObject, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
}

const MAC_BYTES = 16;

/** Returns the HMAC-SHA256 of all parts, concatenated in their order, truncated to 128 bits (RFC 2104 5). */
export function truncatedMac(key: KeyObject, ...parts: readonly (Buffer | string)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, MAC_BYTES);
}

/** Compares in a time that depends only on the lengths, which are not secret. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Returns `body` followed by its {@link truncatedMac}. */
export const withMac = (key: KeyObject, body: Buffer): Buffer => Buffer.concat([body, truncatedMac(key, body)]);

/** Returns the body of a result of {@link withMac}; null for bytes that were not made with this key. */
export function authenticBody(key: KeyObject, bytes: Buffer): Buffer | null {
  if (bytes.length < MAC_BYTES) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  return sameBytes(bytes.subarray(-MAC_BYTES), truncatedMac(key, body)) ? body : null;
}

/** Returns a short random identifier in base64url: `bytes` of entropy, 4 characters for every 3 bytes. */
export const randomId = (bytes: number): string => randomBytes(bytes).toString('base64url');
