import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ProofNonces } from './nonces.js';

const NOW = 1_795_400_040;
const key = createSecretKey(randomBytes(32));
const nonces = new ProofNonces(key);

describe('a nonce', () => {
  it('is good in its step and the next one: for two to four minutes', () => {
    const nonce = nonces.at(NOW);
    const step = NOW - (NOW % 120);
    expect([step, NOW, step + 239].map((now) => nonces.isFresh(nonce, now))).toEqual([true, true, true]);
    expect([step - 1, step + 240, step + 1_000_000].map((now) => nonces.isFresh(nonce, now))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is good wherever the key is, and only there', () => {
    const nonce = nonces.at(NOW);
    expect(new ProofNonces(key).isFresh(nonce, NOW)).toBe(true);
    expect(new ProofNonces(createSecretKey(randomBytes(32))).isFresh(nonce, NOW)).toBe(false);
  });

  it('is exactly that text, which a header can carry', () => {
    const nonce = nonces.at(NOW);
    expect(nonce).toMatch(/^[\w-]{22}$/);
    for (const other of ['', nonce.slice(1), `${nonce}A`, `${nonce.slice(0, -1)}é`, nonce.toLowerCase()])
      expect(nonces.isFresh(other, NOW)).toBe(false);
  });
});
