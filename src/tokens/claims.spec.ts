import { describe, expect, it } from 'vitest';
import type { AppError } from '../common/errors.js';
import { CLAIMS, ISSUER, NOW, testClaims } from '../../test/vectors/claims.js';
import { CLOCK_SKEW, isExpired, MAX_LIFETIME, principalOf } from './claims.js';

const without = (name: string) => Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));
const refusalOf = (claims: unknown, now = NOW): AppError | null => {
  try {
    principalOf(claims, ISSUER, now);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'token_invalid', reason: expect.stringMatching(/: expected .+, found ./) });
    return error as AppError;
  }
};
const accepts = (changes: Record<string, unknown>, now = NOW) => refusalOf({ ...CLAIMS, ...changes }, now) === null;

describe('claims', () => {
  testClaims((claims) => (refusalOf(claims) ? null : principalOf(claims, ISSUER, NOW)));
});

describe('a claim', () => {
  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'])('%s must be there', (name) =>
    expect(refusalOf(without(name))?.reason).toMatch(new RegExp(`^${name}: .*, found nothing$`)),
  );

  it('status may say where it stands in a list', () => {
    const uri = 'https://auth.example.com/status-lists/0';
    for (const idx of [0, 131_071]) expect(accepts({ status: { status_list: { idx, uri } } })).toBe(true);
    const foreign = [null, {}, [], 'text', { idx: 0, uri }, { status_list: null }, { status_list: { idx: 0 } }];
    const wrong = [
      { idx: -1, uri },
      { idx: 0.5, uri },
      { idx: '0', uri },
      { idx: 0, uri: '' },
      { idx: 0, uri: 7 },
    ];
    const refused = [...foreign, ...wrong.map((status_list) => ({ status_list }))];
    expect(refused.filter((status) => accepts({ status }))).toEqual([]);
  });

  it.each([[['api']], [['api', 'api']]])('aud is a list only of several: not %j', (aud) =>
    expect(accepts({ aud })).toBe(false),
  );

  it.each(Object.keys(CLAIMS))('%s is not a value that no JSON has', (name) => {
    const values = [Infinity, -Infinity, NaN, BigInt(NOW + 60)];
    expect(values.filter((value) => accepts({ [name]: value }))).toEqual([]);
  });

  it('exp is no number beyond which numbers lose digits', () => expect(accepts({ exp: 2 ** 53 - 1 })).toBe(false));
});

describe('the times of a token', () => {
  it('may say from when it is valid, without skew', () => {
    for (const nbf of [1, NOW - 1, NOW]) expect(accepts({ nbf })).toBe(true);
    for (const nbf of [NOW + 1, null, '', String(NOW), NaN, {}, 0, -1]) expect(accepts({ nbf })).toBe(false);
  });

  it('end at its expiry, without skew', () => {
    expect(accepts({}, NOW + 599)).toBe(true);
    expect(accepts({}, NOW + 600)).toBe(false);
    expect(accepts({}, NOW + 601)).toBe(false);
  });

  it('begin at most a minute ahead of the clock', () => {
    expect(CLOCK_SKEW).toBe(60);
    expect(accepts({ iat: NOW + 60, exp: NOW + 600 })).toBe(true);
    expect(accepts({ iat: NOW + 61, exp: NOW + 600 })).toBe(false);
  });

  it('are at most 60 minutes apart', () => {
    expect(MAX_LIFETIME).toBe(3600);
    expect(accepts({ iat: NOW - 1, exp: NOW + 3599 })).toBe(true);
    expect(accepts({ iat: NOW - 1, exp: NOW + 3600 })).toBe(false);
  });

  it('are in order', () => {
    expect(accepts({ iat: NOW + 1, exp: NOW + 1 })).toBe(false);
    expect(accepts({ iat: NOW + 2, exp: NOW + 1 })).toBe(false);
    expect(accepts({ iat: NOW + 1, exp: NOW + 2 })).toBe(true);
  });
});

describe('no claims at all', () => {
  it.each([undefined, ''])('state no principal: %j', (claims) => expect(refusalOf(claims)).not.toBeNull());
});

describe('isExpired', () => {
  it.each([
    [NOW - 1, true],
    [NOW, true],
    [NOW + 1, false],
  ])('at an expiry of %d is %s', (exp, expired) => expect(isExpired(exp, NOW)).toBe(expired));
});
