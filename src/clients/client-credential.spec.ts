import { describe, expect, it } from 'vitest';
import { hashClientSecret, isClientId, matchesSecret, newClientId, newClientSecret } from './client-credential.js';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const stored = (secret: string, expiresAt: Date | null = null) => ({ hash: hashClientSecret(secret), expiresAt });

describe('the id of a client', () => {
  it('is new every time, and never that of a user', () => {
    const ids = Array.from({ length: 100 }, newClientId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(isClientId(id)).toBe(true);
  });

  it.each([
    '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a',
    'web',
    '',
    'svc_',
    `svc_${'A'.repeat(15)}`,
    `svc_${'A'.repeat(17)}`,
    `SVC_${'A'.repeat(16)}`,
    `svc_${'A'.repeat(16)}\n`,
    `svc_${'A'.repeat(15)}\u0000`,
    `svc_${'A'.repeat(15)}=`,
  ])('is not %j', (text) => expect(isClientId(text)).toBe(false));
});

describe('the secret of a client', () => {
  const [first, second] = [newClientSecret(), newClientSecret()];

  it('has a form that scanners know, and 256 bits', () => {
    expect(first).toMatch(/^css_[\w-]{43}$/);
    expect(first).not.toBe(second);
  });

  it('is one of those that stand', () => {
    expect(matchesSecret(first, [stored(first)], NOW)).toBe(true);
    expect(matchesSecret(second, [stored(first), stored(second)], NOW)).toBe(true);
    expect(matchesSecret(second, [stored(first)], NOW)).toBe(false);
    expect(matchesSecret(first, [], NOW)).toBe(false);
  });

  it('is good until it expires, and not in that millisecond', () => {
    const expiring = [stored(first, new Date(NOW + 1))];
    expect(matchesSecret(first, expiring, NOW)).toBe(true);
    expect(matchesSecret(first, expiring, NOW + 1)).toBe(false);
    expect(matchesSecret(first, [...expiring, stored(first)], NOW + 1)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['its hash', hashClientSecret(first).toString('hex')],
    ['without its prefix', first.slice(4)],
    ['cut', first.slice(0, -1)],
    ['longer', `${first}A`],
    ['with a line behind it', `${first}\n`],
    ['in another case', first.toUpperCase()],
  ])('is not a text that is %s', (_, text) => expect(matchesSecret(text, [stored(first)], NOW)).toBe(false));
});
