import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

const NAMES = Array.from({ length: 100 }, (_, i) => `token ${i}`);

function tokensOf(capacity: number, names: string[]): VerifiedTokens<string> {
  const tokens = new VerifiedTokens<string>(capacity);
  for (const name of names) tokens.set(name, name);
  return tokens;
}

describe('verified tokens', () => {
  it('are remembered by the whole token', () => {
    const tokens = tokensOf(10, ['a', 'b']);
    expect(tokens.get('a')).toBe('a');
    expect(tokens.get('A')).toBeUndefined();
    tokens.delete('a');
    expect(tokens.get('a')).toBeUndefined();
    expect(tokens.size).toBe(1);
  });

  it('can be forgotten whatever their age', () => {
    const tokens = tokensOf(4, ['a', 'b', 'c']);
    tokens.delete('a');
    tokens.delete('c');
    expect([tokens.get('a'), tokens.get('b'), tokens.get('c')]).toEqual([undefined, 'b', undefined]);
  });

  it.each([2, 3, 10, 99])('are never more than %d', (capacity) => {
    const tokens = new VerifiedTokens<string>(capacity);
    for (const [i, name] of NAMES.entries()) {
      tokens.set(name, name);
      tokens.get(NAMES[Math.max(0, i - 1)]!);
      tokens.set(name, name);
      expect(tokens.size).toBeLessThanOrEqual(capacity);
    }
  });

  it('are remembered while they are among the more recently used half', () => {
    const tokens = tokensOf(20, NAMES);
    expect(NAMES.slice(-10).map((name) => tokens.get(name))).toEqual(NAMES.slice(-10));
    expect(NAMES.slice(0, 80).filter((name) => tokens.get(name))).toEqual([]);
  });

  it('are remembered for ever while they are used', () => {
    const tokens = tokensOf(20, ['kept']);
    for (const name of NAMES) {
      tokens.set(name, name);
      expect(tokens.get('kept')).toBe('kept');
    }
  });
});
