import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authenticBody, deriveKey, open, randomId, seal, withMac } from './crypto.js';

const SECRET = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');

describe('deriveKey', () => {
  it('is HKDF with SHA-256, an empty salt and the purpose as its info (RFC 5869 2)', () => {
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(SECRET).digest();
    const expanded = createHmac('sha256', extracted).update('countersign/refresh-tokens\u0001').digest();
    expect(deriveKey(SECRET, 'refresh-tokens').export()).toEqual(expanded);
  });

  it('makes another key of every purpose and of every secret', () => {
    const keys = [
      deriveKey(SECRET, 'a'),
      deriveKey(SECRET, 'b'),
      deriveKey(Buffer.from(SECRET.toReversed()), 'a'),
      deriveKey(SECRET.subarray(1), 'a'),
    ];
    expect(new Set(keys.map((key) => key.export().toString('hex'))).size).toBe(keys.length);
  });
});

describe('sealed text', () => {
  const key = deriveKey(SECRET, 'test');
  const text = Buffer.from('a private key');
  const opens = (sealed: Buffer, row = 'row 1', by = key): boolean => {
    try {
      open(by, sealed, row);
      return true;
    } catch {
      return false;
    }
  };

  it.each(['', 'x', 'a private key', 'ü'.repeat(1000)])('opens to what was sealed: %j', (plain) => {
    expect(open(key, seal(key, Buffer.from(plain), 'row 1'), 'row 1').toString()).toBe(plain);
  });

  it('has an initialisation vector of its own, and a tag of 128 bits', () => {
    const sealed = Array.from({ length: 50 }, () => seal(key, text, 'row 1'));
    expect(new Set(sealed.map((bytes) => bytes.subarray(0, 12).toString('hex'))).size).toBe(50);
    expect(sealed[0]).toHaveLength(12 + text.length + 16);
    expect(sealed[0]!.includes(text)).toBe(false);
  });

  it('does not open with another key or in another row', () => {
    const sealed = seal(key, text, 'row 1');
    expect(opens(sealed)).toBe(true);
    expect(opens(sealed, 'row 1', deriveKey(SECRET, 'other'))).toBe(false);
    expect(opens(sealed, 'row 2')).toBe(false);
    expect(opens(sealed, '')).toBe(false);
  });

  it('does not open with any bit flipped', () => {
    const sealed = seal(key, text, 'row 1');
    const altered = Array.from({ length: sealed.length * 8 }, (_, bit) => {
      const bytes = Buffer.from(sealed);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    });
    expect(altered.filter((bytes) => opens(bytes))).toEqual([]);
  });

  it('does not open cut short or with more behind it', () => {
    const sealed = seal(key, text, 'row 1');
    const cut = Array.from(sealed, (_, length) => sealed.subarray(0, length));
    expect(cut.filter((bytes) => opens(bytes))).toEqual([]);
    expect(opens(Buffer.concat([sealed, Buffer.alloc(1)]))).toBe(false);
  });
});

describe('randomId', () => {
  it.each([
    [6, 8],
    [9, 12],
    [16, 22],
  ])('of %d bytes is %d characters of base64url', (bytes, length) => {
    const ids = Array.from({ length: 200 }, () => randomId(bytes));
    expect(ids.every((id) => id.length === length && /^[\w-]+$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('withMac', () => {
  const key = deriveKey(SECRET, 'test');
  const body = Buffer.from('body');

  it('puts half an HMAC-SHA256 behind a body, which comes back', () => {
    const mac = createHmac('sha256', key).update(body).digest().subarray(0, 16);
    expect(withMac(key, body)).toEqual(Buffer.concat([body, mac]));
    expect(authenticBody(key, withMac(key, body))).toEqual(body);
    expect(authenticBody(key, withMac(key, Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  it('gives nothing back of what is too short, altered, or of another key', () => {
    const bytes = withMac(key, body);
    for (let length = 0; length < bytes.length; length++)
      expect(authenticBody(key, bytes.subarray(0, length))).toBeNull();
    expect(authenticBody(key, Buffer.concat([bytes, Buffer.alloc(1)]))).toBeNull();
    expect(authenticBody(deriveKey(SECRET, 'other'), bytes)).toBeNull();
  });
});
