import { createHash } from 'node:crypto';
import { MAX_AGE, MAX_AHEAD, type Proof } from './proof.js';

/** Seconds for which the same proof would be accepted again. */
const LIFE = MAX_AGE + MAX_AHEAD;
const MAX_SEEN = 500_000;
const MARK_BYTES = 6;

/**
 * Remembers the proofs that were shown here, for as long as they could be shown again. There are two generations, so
 * that nothing has to be swept: a proof is remembered for one to two lives. Only 6 bytes of its hash are kept; a
 * collision refuses one proof in many millions.
 */
export class SeenProofs {
  private young = new Set<number>();
  private old = new Set<number>();
  private turnedAt = -Infinity;

  constructor(private readonly capacity = MAX_SEEN) {}

  /**
   * Remembers a proof. Returns true the first time; null where so many were shown that one would have to be forgotten
   * early. `now` is in seconds.
   */
  isFirst({ thumbprint, id }: Proof, now: number): boolean | null {
    this.turn(now);
    // The hash covers the key, so that nobody can use up the ids of another client.
    const mark = createHash('sha256').update(`${thumbprint}.${id}`).digest().readUIntBE(0, MARK_BYTES);
    if (this.young.has(mark) || this.old.has(mark)) return false;
    if (this.young.size >= this.capacity) return null;
    this.young.add(mark);
    return true;
  }

  private turn(now: number): void {
    const age = now - this.turnedAt;
    if (age <= LIFE) return;
    this.old = age > 2 * LIFE ? new Set() : this.young;
    this.young = new Set();
    this.turnedAt = now;
  }
}
