import { createHash, timingSafeEqual } from 'node:crypto';
import { randomId } from '../common/crypto.js';

export const CLIENT_ID = /^svc_[\w-]{16}$/;
/** Recognised by secret scanners. */
const SECRET = /^css_[\w-]{43}$/;
const SECRET_BYTES = 32;

/** An id that no user can have: theirs are UUIDs. */
export const newClientId = (): string => `svc_${randomId(12)}`;

export const isClientId = (text: string): boolean => CLIENT_ID.test(text);

export const newClientSecret = (): string => `css_${randomId(SECRET_BYTES)}`;

export const hashClientSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A secret as a client's record keeps it. */
export interface StoredSecret {
  readonly hash: Buffer;
  /** Null for one that stands until it is deleted. */
  readonly expiresAt: Date | null;
}

/** Whether a text is one of these secrets and still valid. All of them are compared, each in constant time. */
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
