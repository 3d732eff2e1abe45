import { describe, expect } from 'vitest';
import { testSeenProofs } from '../../../test/vectors/seen-proofs.js';
import { SeenProofs } from './seen-proofs.js';

describe('a proof that was shown', () => {
  testSeenProofs((life, capacity) => {
    const seen = new SeenProofs(life, capacity);
    return (proof, now) => {
      try {
        return seen.isFirst(proof, now) ? 'first' : 'seen';
      } catch (error) {
        expect(error).toMatchObject({ code: 'overloaded' });
        return 'refused';
      }
    };
  });
});
