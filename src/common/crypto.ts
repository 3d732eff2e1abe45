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

/** A 256-bit key for one purpose, derived from the server's secret (HKDF, RFC 5869), so that no key serves twice. */
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

/** The reverse of {@link seal}. Throws where key, context or text differ. */
export function open(key: KeyObject, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
}

const MAC_BYTES = 16;

/** An HMAC-SHA256 over all parts, one behind the other, truncated to 128 bits (RFC 2104 5). */
export function truncatedMac(key: KeyObject, ...parts: readonly (Buffer | string)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, MAC_BYTES);
}

/** Compares in a time that depends on the lengths alone, which are no secret. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** `body`, and behind it its {@link truncatedMac}. */
export const withMac = (key: KeyObject, body: Buffer): Buffer => Buffer.concat([body, truncatedMac(key, body)]);

/** The reverse of {@link withMac}; null for what it did not make with this key. */
export function authenticBody(key: KeyObject, bytes: Buffer): Buffer | null {
  if (bytes.length < MAC_BYTES) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  return sameBytes(bytes.subarray(-MAC_BYTES), truncatedMac(key, body)) ? body : null;
}

/** A short random identifier in base64url: `bytes` of entropy, 4 characters for every 3 bytes. */
export const randomId = (bytes: number): string => randomBytes(bytes).toString('base64url');
