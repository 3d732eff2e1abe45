import { verify } from 'node:crypto';
import type { VerificationKey } from './jwks.js';

/**
 * Whether the key has signed the input. Synchronous on purpose: it takes less than the way to another thread and back,
 * and does not wait there behind the work of others.
 */
export function isSignedBy(key: VerificationKey, signingInput: string, signature: string): boolean {
  try {
    return verify('sha256', Buffer.from(signingInput, 'latin1'), key.input, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
