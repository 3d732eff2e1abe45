import { describe, expect, it } from 'vitest';
import { Clock } from './clock.js';

class StoppedClock extends Clock {
  constructor(private readonly at: number) {
    super();
  }

  now(): number {
    return this.at;
  }
}

describe('Clock', () => {
  it.each([
    [1_795_400_000_000, 1_795_400_000],
    [1_795_400_000_999, 1_795_400_000],
    [1_795_400_001_000, 1_795_400_001],
  ])('never tells a second at %d ms before it has come', (now, seconds) =>
    expect(new StoppedClock(now).seconds()).toBe(seconds),
  );

  it('tells the date to the millisecond', () =>
    expect(new StoppedClock(1_795_400_000_999).date()).toEqual(new Date(1_795_400_000_999)));
});
