import { describe, expect, it } from 'vitest';
import { RevocationState } from './revocation-state.js';

const A = 'AZDzpFtsfe-BI0VniavN7w';
const B = 'AZDzpFtsfe-BI0VniavN8g';

describe('what has been revoked', () => {
  it('is known at once, and nothing else is', () => {
    const state = new RevocationState();
    expect(state.has(A)).toBe(false);
    state.add(A, 100);
    expect([state.has(A), state.has(B), state.size]).toEqual([true, false, 1]);
  });

  it('is kept until no token can be alive, and then forgotten', () => {
    const state = new RevocationState();
    state.add(A, 100);
    state.add(B, 101);
    state.prune(99);
    expect([state.has(A), state.has(B)]).toEqual([true, true]);
    state.prune(100);
    expect([state.has(A), state.has(B), state.size]).toEqual([false, true, 1]);
    state.prune(1_000);
    expect(state.size).toBe(0);
  });

  it.each([
    ['later first', [200, 100]],
    ['earlier first', [100, 200]],
  ])('keeps the later of two times: %s', (_, times) => {
    const state = new RevocationState();
    for (const time of times) state.add(A, time);
    expect(state.size).toBe(1);
    state.prune(199);
    expect(state.has(A)).toBe(true);
    state.prune(200);
    expect(state.has(A)).toBe(false);
  });

  it('can be revoked again after it has been forgotten', () => {
    const state = new RevocationState();
    state.add(A, 100);
    state.prune(100);
    state.add(A, 150);
    expect(state.has(A)).toBe(true);
    state.prune(149);
    expect(state.has(A)).toBe(true);
  });
});
