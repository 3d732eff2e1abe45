import { AppError } from '../../common/errors.js';
import { markOf, type Proof } from './proof.js';

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

  /** `life` is the number of seconds for which the same proof would be accepted again. */
  constructor(
    private readonly life: number,
    private readonly capacity = MAX_SEEN,
  ) {}

  /**
   * Remembers a proof, and returns whether it is shown for the first time. `now` is in seconds. Throws `overloaded`
   * where so many were shown that one would have to be forgotten too early.
   */
  isFirst(proof: Pick<Proof, 'thumbprint' | 'id'>, now: number): boolean {
    this.turn(now);
    const mark = markOf(proof).readUIntBE(0, MARK_BYTES);
    if (this.young.has(mark) || this.old.has(mark)) return false;
    if (this.young.size >= this.capacity) throw new AppError('overloaded', { retryAfterSeconds: this.life });
    this.young.add(mark);
    return true;
  }

  private turn(now: number): void {
    const age = now - this.turnedAt;
    if (age <= this.life) return;
    this.old = age > 2 * this.life ? new Set() : this.young;
    this.young = new Set();
    this.turnedAt = now;
  }
}
