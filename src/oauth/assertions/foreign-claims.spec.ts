import { describe, expect, it } from 'vitest';
import { foreignClaimsOf, isTimely } from './foreign-claims.js';

const NOW = 1_800_000_000;
const REQUIRED = { iss: 'https://issuer.example.com', sub: 'orders', aud: 'https://auth.example.com', exp: NOW + 60 };

describe('the claims of an assertion', () => {
  it('are those that have to be there', () => {
    expect(foreignClaimsOf(REQUIRED)).toEqual({
      issuer: REQUIRED.iss,
      subject: REQUIRED.sub,
      audiences: [REQUIRED.aud],
      expiresAt: REQUIRED.exp,
      issuedAt: null,
      notBefore: null,
      id: null,
    });
  });

  it('and those that may be', () => {
    const claims = { ...REQUIRED, aud: ['a', 'b'], iat: NOW, nbf: NOW + 0.5, jti: 'x', other: { any: 'thing' } };
    expect(foreignClaimsOf(claims)).toMatchObject({
      audiences: ['a', 'b'],
      issuedAt: NOW,
      notBefore: NOW + 0.5,
      id: 'x',
    });
  });

  const names = ['iss', 'sub', 'aud', 'exp'] as const;
  it.each(names)('are not without %s', (name) => {
    expect(foreignClaimsOf({ ...REQUIRED, [name]: undefined })).toBeNull();
    expect(foreignClaimsOf({ ...REQUIRED, [name]: null })).toBeNull();
  });

  it.each([
    { iss: '' },
    { iss: ['a'] },
    { sub: 7 },
    { sub: '\ud800' },
    { aud: [] },
    { aud: ['a', 7] },
    { aud: '' },
    { aud: {} },
    { exp: String(NOW) },
    { exp: Infinity },
    { exp: -1 },
    { exp: 0 },
    { exp: NaN },
    { iat: String(NOW) },
    { iat: null },
    { nbf: {} },
    { nbf: null },
    { jti: 7 },
    { jti: '' },
    { jti: null },
  ])('are not with %j', (fault) => expect(foreignClaimsOf({ ...REQUIRED, ...fault })).toBeNull());
});

describe('the times of an assertion', () => {
  const timely = (times: { exp: number; iat?: number; nbf?: number }) =>
    isTimely({ expiresAt: NOW + times.exp, issuedAt: at(times.iat), notBefore: at(times.nbf) }, NOW, 300);
  const at = (offset?: number) => (offset === undefined ? null : NOW + offset);

  it.each([
    { exp: 1 },
    { exp: 60, iat: 0 },
    { exp: 60, iat: 0, nbf: 0 },
    { exp: 300, iat: 0 },
    { exp: 1, iat: -299 },
    { exp: 300 },
    // The sender's clock is ahead.
    { exp: 330, iat: 30, nbf: 30 },
  ])('are good: %j', (times) => expect(timely(times)).toBe(true));

  it.each([
    { exp: 0 },
    { exp: -1 },
    { exp: 301 },
    { exp: 301, iat: 0 },
    { exp: 2, iat: -299 },
    { exp: 330, iat: 31 },
    { exp: 60, nbf: 31 },
    { exp: 331, iat: 31 },
    { exp: 10, iat: 20 },
    { exp: 10, nbf: 10 },
  ])('are not: %j', (times) => expect(timely(times)).toBe(false));
});
