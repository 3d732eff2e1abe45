import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

describe('verified tokens', () => {
  it('are remembered by the whole token', () => {
    const tokens = new VerifiedTokens<number>(2);
    tokens.set('a', 1);
    expect(tokens.get('a')).toBe(1);
    expect(tokens.get('A')).toBeUndefined();
    tokens.delete('a');
    expect(tokens.get('a')).toBeUndefined();
    expect(tokens.size).toBe(0);
  });

  it('are no more than the capacity: the least recently used goes', () => {
    const tokens = new VerifiedTokens<number>(2);
    tokens.set('a', 1);
    tokens.set('b', 2);
    tokens.get('a');
    tokens.set('c', 3);
    expect(tokens.size).toBe(2);
    expect(tokens.get('b')).toBeUndefined();
    expect(tokens.get('a')).toBe(1);
    expect(tokens.get('c')).toBe(3);
  });
});
