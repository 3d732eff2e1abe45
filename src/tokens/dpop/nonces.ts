import { createHmac, type KeyObject } from 'node:crypto';
import { sameBytes } from '../../common/crypto.js';

/** Seconds. A nonce is valid for one to two steps. */
const STEP = 120;
/** Seconds: the longest that a nonce is valid for. */
export const NONCE_LIFE = 2 * STEP;
const LENGTH = 22;

/**
 * Makes and checks the nonces of DPoP proofs (RFC 9449 8). They are derived from the time, so that nothing is stored
 * and every instance accepts the nonces of the others. Without the key nobody can compute a later nonce, and so nobody
 * can make proofs in advance.
 */
export class ProofNonces {
  constructor(private readonly key: KeyObject) {}

  /** Returns the nonce to give to clients at `now`, in seconds. */
  at(now: number): string {
    return this.ofStep(Math.floor(now / STEP));
  }

  /** Tells whether the nonce was given to clients in this step or in the one before. */
  isFresh(nonce: string, now: number): boolean {
    const step = Math.floor(now / STEP);
    return [step, step - 1].some((each) => sameBytes(Buffer.from(nonce), Buffer.from(this.ofStep(each))));
  }

  private ofStep(step: number): string {
    return createHmac('sha256', this.key).update(String(step)).digest('base64url').slice(0, LENGTH);
  }
}
