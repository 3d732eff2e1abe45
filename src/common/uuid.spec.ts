import { describe, expect, it } from 'vitest';
import { parseShortUuid, shortUuid, uuidBytes, uuidOf, uuidv7 } from './uuid.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ID = '0190f3a4-5b6c-7def-8123-456789abcdef';
const SHORT = 'AZDzpFtsfe-BI0VniavN7w';

describe('uuidv7', () => {
  it.each([0, 1, 1_795_400_000_123, 2 ** 48 - 1])('begins with the 48 bits of millisecond %d', (now) => {
    expect(uuidBytes(uuidv7(now)).readUIntBE(0, 6)).toBe(now);
  });

  it('has version 7 and the variant of RFC 9562', () => {
    for (let i = 0; i < 200; i++) {
      expect(uuidv7(1_795_400_000_000)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });

  it('draws all 74 other bits at random', () => {
    const ids = Array.from({ length: 300 }, () => BigInt(`0x${uuidBytes(uuidv7(0)).toString('hex')}`));
    const everSet = ids.reduce((a, b) => a | b);
    const alwaysSet = ids.reduce((a, b) => a & b);
    const varying = [...(everSet & ~alwaysSet).toString(2)].filter((bit) => bit === '1');
    expect(varying).toHaveLength(74);
  });

  it('sorts by time, as text', () => {
    const times = [5, 1_795_400_000_000, 1_795_400_000_001, 1_795_400_000_256, 2 ** 47];
    const ids = times.map((time) => uuidv7(time));
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('the text form', () => {
  it('groups the 16 bytes by 4, 2, 2, 2 and 6', () => {
    const bytes = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    expect(uuidOf(bytes)).toBe('00010203-0405-0607-0809-0a0b0c0d0e0f');
    expect(uuidBytes(uuidOf(bytes))).toEqual(bytes);
  });
});

describe('the short form', () => {
  it('is the 16 bytes in base64url', () => {
    expect(shortUuid(ID)).toBe(SHORT);
    expect(parseShortUuid(SHORT)).toBe(ID);
  });

  it('comes back from every id', () => {
    for (let i = 0; i < 500; i++) {
      const id = uuidv7(i * 1e9);
      expect(parseShortUuid(shortUuid(id))).toBe(id);
    }
  });

  it('has one spelling: of 64 last characters, the 4 without stray bits', () => {
    const admitted = [...BASE64URL].filter((last) => parseShortUuid(SHORT.slice(0, -1) + last) !== null);
    expect(admitted).toEqual(['A', 'Q', 'g', 'w']);
    for (const last of admitted) {
      const short = SHORT.slice(0, -1) + last;
      expect(shortUuid(parseShortUuid(short)!)).toBe(short);
    }
  });

  it.each([
    ['nothing', ''],
    ['a character too few', SHORT.slice(1)],
    ['a character too many', `A${SHORT}`],
    ['padding', `${SHORT}==`],
    ['a line end', `${SHORT}\n`],
    ['base64 instead of base64url', SHORT.replace('-', '+')],
    ['a stray character', `${SHORT.slice(0, 10)} ${SHORT.slice(11)}`],
    ['the long form', ID],
  ])('is not %s', (_, text) => expect(parseShortUuid(text)).toBeNull());
});
