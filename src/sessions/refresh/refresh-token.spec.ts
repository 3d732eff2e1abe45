import { createHash, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  decodeRefreshToken,
  encodeRefreshToken,
  hashSecret,
  SECRET_BYTES,
  type RefreshClaim,
} from './refresh-token.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const KEY = createSecretKey(Buffer.alloc(32, 7));
const CLAIM: RefreshClaim = {
  sessionId: '0190f3a4-5b6c-7def-8123-456789abcdef',
  generation: 5,
  secret: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
};
const TOKEN = encodeRefreshToken(KEY, CLAIM);

describe('a refresh token', () => {
  it('has a prefix that scanners know, and 52 bytes in base64url', () => {
    expect(TOKEN).toMatch(/^csr_[\w-]{70}$/);
    const body = Buffer.from(TOKEN.slice(4), 'base64url');
    expect(body).toHaveLength(52);
    expect(body.subarray(0, 36).toString('hex')).toBe(
      '0190f3a45b6c7def8123456789abcdef0000000500112233445566778899aabbccddeeff',
    );
  });

  it('is derived: the same claim makes the same token', () => {
    expect(encodeRefreshToken(KEY, { ...CLAIM, secret: Buffer.from(CLAIM.secret) })).toBe(TOKEN);
  });

  it.each([0, 1, 255, 65_536, 2 ** 31 - 1, 2 ** 32 - 1])('comes back as its claim, in generation %d', (generation) => {
    const claim = { ...CLAIM, generation };
    expect(decodeRefreshToken(KEY, encodeRefreshToken(KEY, claim))).toEqual(claim);
  });

  it('differs in every session, generation and secret', () => {
    const others = [
      { ...CLAIM, sessionId: '0190f3a4-5b6c-7def-8123-456789abcdee' },
      { ...CLAIM, generation: 6 },
      { ...CLAIM, secret: Buffer.alloc(SECRET_BYTES) },
    ].map((claim) => encodeRefreshToken(KEY, claim));
    const macs = [TOKEN, ...others].map((token) => token.slice(-21));
    expect(new Set(macs).size).toBe(4);
  });
});

describe('a forged refresh token', () => {
  it('is refused with any bit flipped', () => {
    const bytes = Buffer.from(TOKEN.slice(4), 'base64url');
    const altered = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      return `csr_${copy.toString('base64url')}`;
    });
    expect(altered.filter((token) => decodeRefreshToken(KEY, token) !== null)).toEqual([]);
  });

  it('is refused with any character changed', () => {
    const characters = [...BASE64URL, ' ', '=', '.'];
    const altered = [...TOKEN].flatMap((own, i) =>
      characters.filter((other) => other !== own).map((other) => TOKEN.slice(0, i) + other + TOKEN.slice(i + 1)),
    );
    expect(altered).toHaveLength(74 * 66);
    expect(altered.filter((token) => decodeRefreshToken(KEY, token) !== null)).toEqual([]);
  });

  it('is refused by another key', () => {
    expect(decodeRefreshToken(createSecretKey(Buffer.alloc(32, 8)), TOKEN)).toBeNull();
  });

  it('is refused with a MAC of another token', () => {
    const other = encodeRefreshToken(KEY, { ...CLAIM, generation: 6 });
    const mixed = Buffer.concat([
      Buffer.from(other.slice(4), 'base64url').subarray(0, 36),
      Buffer.from(TOKEN.slice(4), 'base64url').subarray(36),
    ]);
    expect(decodeRefreshToken(KEY, `csr_${mixed.toString('base64url')}`)).toBeNull();
  });

  it('is refused at every other length', () => {
    const body = TOKEN.slice(4);
    const cut = Array.from(body, (_, length) => `csr_${body.slice(0, length)}`);
    const longer = ['A', 'AA', 'AAAA', '=', '==', '\n', ' '].map((more) => TOKEN + more);
    expect([...cut, ...longer].filter((token) => decodeRefreshToken(KEY, token) !== null)).toEqual([]);
  });

  it.each([
    '',
    'csr_',
    TOKEN.slice(4),
    `CSR_${TOKEN.slice(4)}`,
    ` ${TOKEN}`,
    `cst_${TOKEN.slice(4)}`,
    'eyJ.eyJ.x',
    'csr_'.padEnd(74, 'A'),
  ])('is refused as %j', (text) => expect(decodeRefreshToken(KEY, text)).toBeNull());
});

describe('what is stored of the secret', () => {
  it('is its SHA-256', () => {
    expect(hashSecret(CLAIM.secret)).toEqual(createHash('sha256').update(CLAIM.secret).digest());
  });
});
