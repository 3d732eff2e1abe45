import { createHmac, type KeyObject } from 'node:crypto';
import { sameBytes } from '../../common/crypto.js';

/** Seconds. A nonce is good for one to two steps. */
const STEP = 120;
/** Seconds: the longest that a nonce is good for. */
export const NONCE_LIFE = 2 * STEP;
const LENGTH = 22;

/**
 * The nonces of DPoP proofs (RFC 9449 8): derived from the time, so that nothing is stored and every instance accepts what
 * another one gave. Who has no key cannot tell one in advance, and so makes no proofs in advance.
 */
export class ProofNonces {
  constructor(private readonly key: KeyObject) {}

  /** The nonce to hand out at `now`, in seconds. */
  at(now: number): string {
    return this.ofStep(Math.floor(now / STEP));
  }

  /** Whether it was handed out in this step or the one before. */
  isFresh(nonce: string, now: number): boolean {
    const step = Math.floor(now / STEP);
    return [step, step - 1].some((each) => sameBytes(Buffer.from(nonce), Buffer.from(this.ofStep(each))));
  }

  private ofStep(step: number): string {
    return createHmac('sha256', this.key).update(String(step)).digest('base64url').slice(0, LENGTH);
  }
}
