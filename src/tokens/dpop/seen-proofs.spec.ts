import { describe, expect, it } from 'vitest';
import { SeenProofs } from './seen-proofs.js';

const NOW = 1_795_400_000;
const proof = (id: string | number, thumbprint = 'one') => ({ thumbprint, id: String(id) });

describe('the proofs that were shown', () => {
  it('are known for as long as they could be shown again', () => {
    for (const start of [0, 1, 40, 74]) {
      const seen = new SeenProofs(75);
      seen.isFirst(proof('before'), NOW);
      expect(seen.isFirst(proof('a'), NOW + start)).toBe(true);
      for (const later of [0, 1, 30, 74, 75]) expect(seen.isFirst(proof('a'), NOW + start + later)).toBe(false);
    }
  });

  it('are forgotten then', () => {
    const seen = new SeenProofs(75, 2);
    for (let life = 0; life < 10; life++) {
      expect(seen.isFirst(proof('a'), NOW + life * 200)).toBe(true);
      expect(seen.isFirst(proof('b'), NOW + life * 200)).toBe(true);
    }
  });

  it('are those of one key: nobody uses up the ids of another', () => {
    const seen = new SeenProofs(75);
    expect(seen.isFirst(proof('a', 'one'), NOW)).toBe(true);
    expect(seen.isFirst(proof('a', 'two'), NOW)).toBe(true);
    expect(seen.isFirst(proof('a', 'one'), NOW)).toBe(false);
  });

  it('are so many at most, and further ones are refused rather than one forgotten', () => {
    const seen = new SeenProofs(75, 1000);
    for (let id = 0; id < 1000; id++) expect(seen.isFirst(proof(id), NOW)).toBe(true);
    expect(() => seen.isFirst(proof('more'), NOW)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    for (let id = 0; id < 1000; id++) expect(seen.isFirst(proof(id), NOW + 10)).toBe(false);
    expect(seen.isFirst(proof('more'), NOW + 80)).toBe(true);
  });
});
