import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeRefreshToken, encodeRefreshToken } from '../../sessions/refresh/refresh-token.js';
import type { SessionClaim } from '../../sessions/refresh/refresh-token.js';
import { decodeSessionCookie, encodeSessionCookie } from './session-cookie.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const KEY = createSecretKey(Buffer.alloc(32, 7));
const CLAIM: SessionClaim = {
  sessionId: '0190f3a4-5b6c-7def-8123-456789abcdef',
  secret: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
};
const VALUE = encodeSessionCookie(KEY, CLAIM);

describe('the cookie of a session', () => {
  it('is 48 bytes in base64url, and comes back as its claim', () => {
    expect(VALUE).toMatch(/^[\w-]{64}$/);
    expect(Buffer.from(VALUE, 'base64url').subarray(0, 32).toString('hex')).toBe(
      '0190f3a45b6c7def8123456789abcdef00112233445566778899aabbccddeeff',
    );
    expect(decodeSessionCookie(KEY, VALUE)).toEqual(CLAIM);
  });

  it('is under 100 bytes with its name', () => expect(`__Host-countersign=${VALUE}`).toHaveLength(83));

  it('is derived: the same claim makes the same cookie', () =>
    expect(encodeSessionCookie(KEY, { ...CLAIM, secret: Buffer.from(CLAIM.secret) })).toBe(VALUE));
});

describe('a forged cookie', () => {
  const survivors = (values: string[]) => values.filter((value) => decodeSessionCookie(KEY, value) !== null);

  it('is refused with any bit flipped', () => {
    const bytes = Buffer.from(VALUE, 'base64url');
    const altered = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      return copy.toString('base64url');
    });
    expect(altered).toHaveLength(384);
    expect(survivors(altered)).toEqual([]);
  });

  it('is refused with any character changed', () => {
    const characters = [...BASE64URL, ' ', '=', '.', '+', '/'];
    const altered = [...VALUE].flatMap((own, i) =>
      characters.filter((other) => other !== own).map((other) => VALUE.slice(0, i) + other + VALUE.slice(i + 1)),
    );
    expect(survivors(altered)).toEqual([]);
  });

  it('is refused at every other length', () => {
    const cut = Array.from(VALUE, (_, length) => VALUE.slice(0, length));
    const longer = ['A', 'AA', 'AAAA', '=', '\n', ' '].map((more) => VALUE + more);
    expect(survivors([...cut, ...longer, `"${VALUE}"`, ` ${VALUE}`])).toEqual([]);
  });

  it('is refused by another key', () =>
    expect(decodeSessionCookie(createSecretKey(Buffer.alloc(32, 8)), VALUE)).toBeNull());

  it('is refused with the MAC of another session', () => {
    const other = encodeSessionCookie(KEY, { ...CLAIM, secret: Buffer.alloc(16) });
    expect(decodeSessionCookie(KEY, other.slice(0, 42) + VALUE.slice(42))).toBeNull();
  });
});

describe('a cookie and a refresh token of one session', () => {
  const token = encodeRefreshToken(KEY, { ...CLAIM, generation: 0 });

  it('are never taken for each other, not even under one key', () => {
    expect(decodeSessionCookie(KEY, token)).toBeNull();
    expect(decodeSessionCookie(KEY, token.slice(4))).toBeNull();
    expect(decodeRefreshToken(KEY, VALUE)).toBeNull();
    expect(decodeRefreshToken(KEY, `csr_${VALUE}`)).toBeNull();
  });
});
