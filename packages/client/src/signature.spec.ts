import { verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwkOf, newKey, signJws } from '../test/wire-issuer.js';
import { encodedHeader, KeySet } from './jwks.js';
import { isSignedBy } from './signature.js';

const EC = newKey('ES256', 'ec-key_1');
const RSA = newKey('RS256', 'rsa-key1');
const KEYS = KeySet.of({ keys: [jwkOf(EC), jwkOf(RSA)] });
const found = (key: typeof EC) => KEYS.find('at+jwt', encodedHeader('at+jwt', key))!;

function signed(key: typeof EC, payload: string): { input: string; signature: string } {
  const jws = signJws(key, 'at+jwt', payload);
  const dot = jws.lastIndexOf('.');
  return { input: jws.slice(0, dot), signature: jws.slice(dot + 1) };
}

describe.each([EC, RSA])('a signature of $alg', (key) => {
  const { input, signature } = signed(key, '{"a":1}');
  const bytes = Buffer.from(signature, 'base64url');

  it('is that of its key and its input', () => {
    expect(isSignedBy(found(key), input, signature)).toBe(true);
    expect(isSignedBy(found(key), `${input}x`, signature)).toBe(false);
    expect(isSignedBy(found(key === EC ? RSA : EC), input, signature)).toBe(false);
  });

  it('counts with each of its bytes', () => {
    for (const i of bytes.keys()) {
      const altered = Buffer.from(bytes);
      altered[i]! ^= 1;
      expect(isSignedBy(found(key), input, altered.toString('base64url'))).toBe(false);
    }
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a byte less', bytes.subarray(1)],
    ['a byte less at the end', bytes.subarray(0, -1)],
    ['a zero more', Buffer.concat([bytes, Buffer.alloc(1)])],
    ['a zero before', Buffer.concat([Buffer.alloc(1), bytes])],
    ['twice', Buffer.concat([bytes, bytes])],
    ['zeros', Buffer.alloc(bytes.length)],
    ['ones', Buffer.alloc(bytes.length, 0xff)],
  ])('is not %s', (_, other) => expect(isSignedBy(found(key), input, other.toString('base64url'))).toBe(false));
});

describe('a signature of ES256', () => {
  it('is verified whatever its numbers begin with', () => {
    const beginnings = new Set<string>();
    const kindOf = (byte: number) => (byte === 0 ? 'zero' : byte < 0x80 ? 'low' : 'high');
    for (let i = 0; i < 20_000 && beginnings.size < 6; i++) {
      const { input, signature } = signed(EC, String(i));
      const bytes = Buffer.from(signature, 'base64url');
      const seen = [`r ${kindOf(bytes[0]!)}`, `s ${kindOf(bytes[32]!)}`];
      if (seen.every((one) => beginnings.has(one))) continue;
      for (const one of seen) beginnings.add(one);
      expect(isSignedBy(found(EC), input, signature)).toBe(true);
    }
    expect(beginnings.size).toBe(6);
  });

  it('in the form of ASN.1 is none', () => {
    const { input } = signed(EC, '{}');
    for (let i = 0; i < 200; i++) {
      const { signature } = signed(EC, String(i));
      const raw = Buffer.from(signature, 'base64url');
      const der = Buffer.concat([
        Buffer.from([0x30, 68, 2, 32]),
        raw.subarray(0, 32),
        Buffer.from([2, 32]),
        raw.subarray(32),
      ]);
      expect(isSignedBy(found(EC), input, der.toString('base64url'))).toBe(false);
    }
  });

  it('is judged as node:crypto judges it', () => {
    const { input, signature } = signed(EC, '{"a":1}');
    const key = { key: EC.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const raw = Buffer.from(signature, 'base64url');
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
    const [r, s, zero] = [raw.subarray(0, 32), raw.subarray(32), Buffer.alloc(32)] as const;
    const pairs = [
      [r, s],
      [s, r],
      [zero, s],
      [r, zero],
      [order, s],
      [r, order],
      [r, r],
    ] as const;
    const verdicts = pairs.map((pair) => isSignedBy(found(EC), input, Buffer.concat(pair).toString('base64url')));
    expect(verdicts).toEqual(pairs.map((pair) => verify('sha256', Buffer.from(input), key, Buffer.concat(pair))));
    expect(verdicts).toEqual([true, false, false, false, false, false, false]);
  });
});
