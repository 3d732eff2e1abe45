import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, type Jwk, type PublicKey } from './public-key.js';
import { foreignJwtOf, isSignedByOneOf } from './foreign-jwt.js';

const encode = (value: unknown): string =>
  Buffer.from(Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const CLAIMS = { iss: 'a', sub: 'a', aud: 'b', exp: 1 };

/** Signed by an EC key unless the algorithm is RS256. */
function signed(header: object, payload: unknown = CLAIMS, key: KeyObject = p256.privateKey): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const keyOf = (key: KeyObject, kid?: string): PublicKey =>
  publicKeyOf({ ...(key.export({ format: 'jwk' }) as Jwk), ...(kid !== undefined && { kid }) })!;

const passes = (token: string, keys: PublicKey[]): boolean => {
  const jwt = foreignJwtOf(token);
  return jwt !== null && isSignedByOneOf(jwt, keys);
};

describe('a JWT of somebody else', () => {
  it('is taken apart', () => {
    expect(foreignJwtOf(signed({ alg: 'ES256', kid: 'a', typ: 'application/JWT', jku: 'https://x' }))).toMatchObject({
      algorithm: 'ES256',
      kid: 'a',
      type: 'jwt',
      claims: CLAIMS,
    });
    expect(foreignJwtOf(signed({ alg: 'ES256' }))).toMatchObject({ kid: null, type: null });
  });

  it.each([
    ['no signature', { alg: 'none' }],
    ['no algorithm', {}],
    ['a secret’s algorithm', { alg: 'HS256' }],
    ['a longer algorithm', { alg: 'ES384' }],
    ['an algorithm in another case', { alg: 'es256' }],
    ['an algorithm that is no text', { alg: ['ES256'] }],
    ['an extension', { alg: 'ES256', crit: ['exp'], exp: 1 }],
    ['a kid that is no text', { alg: 'ES256', kid: 7 }],
    ['a typ that is no text', { alg: 'ES256', typ: {} }],
    ['a header that is no object', ['ES256']],
  ])('is not one with %s', (_, header) => expect(foreignJwtOf(signed(header))).toBeNull());

  it.each([
    ['no object', 'text'],
    ['a list', [CLAIMS]],
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([...Buffer.from('{"iss":"'), 0xff, ...Buffer.from('"}')])],
  ])('is not one with a payload that is %s', (_, payload) =>
    expect(foreignJwtOf(signed({ alg: 'ES256' }, payload))).toBeNull(),
  );

  it('has exactly one form', () => {
    const token = signed({ alg: 'ES256' });
    for (const form of [`${token}.`, ` ${token}`, `${token}=`, token.replace('.', '..'), token.split('.')[0]!, '']) {
      expect(foreignJwtOf(form)).toBeNull();
    }
  });
});

describe('its signature', () => {
  const [a, b] = [keyOf(p256.publicKey, 'a'), keyOf(other.publicKey, 'b')];

  it('is by the key that it names', () => {
    expect(passes(signed({ alg: 'ES256', kid: 'a' }), [a, b])).toBe(true);
    expect(passes(signed({ alg: 'ES256', kid: 'b' }), [a, b])).toBe(false);
    expect(passes(signed({ alg: 'ES256', kid: 'c' }), [a, b])).toBe(false);
    expect(passes(signed({ alg: 'ES256', kid: 'a' }), [])).toBe(false);
  });

  it('is by the only key where it names none', () => {
    expect(passes(signed({ alg: 'ES256' }), [a])).toBe(true);
    expect(passes(signed({ alg: 'ES256' }), [a, keyOf(rsa.publicKey, 'c')])).toBe(true);
    expect(passes(signed({ alg: 'ES256' }), [a, b])).toBe(false);
    expect(passes(signed({ alg: 'ES256' }), [b])).toBe(false);
  });

  it('is by one of two keys of one name, while one replaces the other', () => {
    expect(passes(signed({ alg: 'ES256', kid: 'a' }), [keyOf(other.publicKey, 'a'), a])).toBe(true);
  });

  it('is by the algorithm of the key, whatever the header says', () => {
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
    const input = `${encode({ alg: 'HS256', kid: 'r' })}.${encode(CLAIMS)}`;
    const confused = `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
    expect(passes(confused, [keyOf(rsa.publicKey, 'r')])).toBe(false);
    expect(passes(signed({ alg: 'ES256', kid: 'r' }), [keyOf(rsa.publicKey, 'r')])).toBe(false);
    expect(passes(signed({ alg: 'RS256', kid: 'r' }, CLAIMS, rsa.privateKey), [keyOf(rsa.publicKey, 'r')])).toBe(true);
    expect(passes(signed({ alg: 'PS256', kid: 'r' }, CLAIMS, rsa.privateKey), [keyOf(rsa.publicKey, 'r')])).toBe(false);
  });

  it('is not by a key that it brings along', () => {
    const jwk = other.publicKey.export({ format: 'jwk' });
    expect(passes(signed({ alg: 'ES256', kid: 'a', jwk }, CLAIMS, other.privateKey), [a])).toBe(false);
  });

  it('covers the claims', () => {
    const [header, , signature] = signed({ alg: 'ES256', kid: 'a' }).split('.');
    expect(passes(`${header}.${encode({ ...CLAIMS, sub: 'b' })}.${signature}`, [a])).toBe(false);
  });
});
