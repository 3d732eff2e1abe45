import { describe, expect } from 'vitest';
import { testSeenProofs } from '../../../../test/vectors/seen-proofs.js';
import { MAX_AGE, MAX_AHEAD } from './proof.js';
import { SeenProofs } from './seen-proofs.js';

describe('a proof that was shown', () => {
  testSeenProofs((life, capacity) => {
    expect(MAX_AGE + MAX_AHEAD).toBe(life);
    const seen = new SeenProofs(capacity);
    return (proof, now) => {
      const isFirst = seen.isFirst(proof, now);
      if (isFirst === null) return 'refused';
      return isFirst ? 'first' : 'seen';
    };
  });
});
