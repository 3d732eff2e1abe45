import { Clock } from '../../src/common/clock.js';

/** The system's clock, moved as a test wants it. */
export class MovableClock extends Clock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  /** Seconds. */
  advance(seconds: number): void {
    this.offset += seconds * 1000;
  }
}
