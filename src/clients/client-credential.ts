import { createHash, timingSafeEqual } from 'node:crypto';
import { randomId } from '../common/crypto.js';

export const CLIENT_ID = /^svc_[\w-]{16}$/;
/** Recognised by secret scanners. */
const SECRET = /^css_[\w-]{43}$/;
const SECRET_BYTES = 32;

/** Makes the id of a client. No user can have it, because ids of users are UUIDs. */
export const newClientId = (): string => `svc_${randomId(12)}`;

export const isClientId = (text: string): boolean => CLIENT_ID.test(text);

export const newClientSecret = (): string => `css_${randomId(SECRET_BYTES)}`;

export const hashClientSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A secret as it is stored with a client. */
export interface StoredSecret {
  readonly hash: Buffer;
  /** Null for a secret that is valid until it is deleted. */
  readonly expiresAt: Date | null;
}

/** Tells whether a text is one of these secrets that is still valid. Compares all of them, each in constant time. */
export function matchesSecret(text: string, secrets: readonly StoredSecret[], now: number): boolean {
  if (!SECRET.test(text)) return false;
  const hash = hashClientSecret(text);
  let matches = false;
  for (const secret of secrets) {
    const isValid = secret.expiresAt === null || secret.expiresAt.getTime() > now;
    if (timingSafeEqual(secret.hash, hash) && isValid) matches = true;
  }
  return matches;
}
