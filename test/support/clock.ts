import { Clock } from '../../src/common/clock.js';

/** The system's clock, which a test can move. */
export class MovableClock extends Clock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  /** Moves the clock by so many seconds. */
  advance(seconds: number): void {
    this.offset += seconds * 1000;
  }
}
