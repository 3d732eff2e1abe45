import { AppError } from '../../common/errors.js';
import { markOf, MAX_AGE, MAX_AHEAD, type Proof } from './proof.js';

/** Seconds for which the same proof would be accepted again. */
const LIFE = MAX_AGE + MAX_AHEAD;
const MAX_SEEN = 500_000;
const MARK_BYTES = 6;

/**
 * The proofs that were shown here, as long as they could be shown again. Two generations, so that nothing has to be
 * swept: a proof is remembered for one to two lives. 6 bytes of a hash stand for it; a collision refuses one proof in
 * many millions.
 */
export class SeenProofs {
  private young = new Set<number>();
  private old = new Set<number>();
  private turnedAt = -Infinity;

  constructor(private readonly capacity = MAX_SEEN) {}

  /**
   * True the first time. `now` in seconds. Throws `overloaded` where so many were shown that one would have to be
   * forgotten before its time.
   */
  isFirst(proof: Proof, now: number): boolean {
    this.turn(now);
    const mark = markOf(proof).readUIntBE(0, MARK_BYTES);
    if (this.young.has(mark) || this.old.has(mark)) return false;
    if (this.young.size >= this.capacity) throw new AppError('overloaded', { retryAfterSeconds: LIFE });
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
