import { describe, expect, it } from 'vitest';
import { retryDelay } from './retry-delay.js';

describe('the delay of a retry', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [10, 512_000],
    [11, 900_000],
    [10_000, 900_000],
  ])('after %i failures is half of %i ms to the whole', (failures, longest) => {
    expect(retryDelay(failures, 0, 900_000)).toBe(longest / 2);
    expect(retryDelay(failures, 0.5, 900_000)).toBe(longest * 0.75);
    expect(retryDelay(failures, 1, 900_000)).toBe(longest);
  });
});
