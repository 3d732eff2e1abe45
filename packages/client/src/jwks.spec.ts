import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwkOf, newKey, signJws } from '../test/wire-issuer.js';
import { encodedHeader, JWS_TYPES, KeySet, kidOf } from './jwks.js';
import { isSignedBy } from './signature.js';

const EC = newKey('ES256', 'ec-key_1');
const RSA = newKey('RS256', 'rsa-key1');
const kidsOf = (...keys: unknown[]) => KeySet.of({ keys: [...keys, jwkOf(RSA)] }).kids.filter((kid) => kid !== RSA.kid);
const jwkFrom = (type: 'ec' | 'rsa', options: object, members: object) => {
  const { publicKey } = generateKeyPairSync(type as 'ec', options as { namedCurve: string });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'other', use: 'sig', ...members };
};

describe('the keys of a JWKS', () => {
  it('are those that sign tokens', () =>
    expect(KeySet.of({ keys: [jwkOf(EC), jwkOf(RSA)] }).kids).toEqual([EC.kid, RSA.kid]));

  it.each<[string, unknown]>([
    ['an unknown kty', { kty: 'AKP', alg: 'ML-DSA-44', kid: 'other', use: 'sig', pub: 'AAAA' }],
    ['an Edwards curve', { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: 'other', use: 'sig', x: 'AAAA' }],
    ['a secret', { kty: 'oct', alg: 'HS256', kid: 'other', use: 'sig', k: 'AAAA' }],
    ['another curve', jwkFrom('ec', { namedCurve: 'P-384' }, { alg: 'ES256' })],
    [
      'another curve that says it is ours',
      { ...jwkFrom('ec', { namedCurve: 'P-384' }, { alg: 'ES256' }), crv: 'P-256' },
    ],
    ['RSA of 1024 bits', jwkFrom('rsa', { modulusLength: 1024 }, { alg: 'RS256' })],
    ['an algorithm that does not fit', { ...jwkOf(EC), alg: 'RS256' }],
    ['RSA that says ES256', { ...jwkOf(RSA), kid: 'other', alg: 'ES256' }],
    ['another RSA algorithm', { ...jwkOf(RSA), kid: 'other', alg: 'PS256' }],
    ['RSA with HMAC', { ...jwkOf(RSA), kid: 'other', alg: 'HS256' }],
    ['no algorithm', { ...jwkOf(EC), alg: undefined }],
    ['encryption', { ...jwkOf(EC), use: 'enc' }],
    ['no use', { ...jwkOf(EC), use: undefined }],
    ['no kid', { ...jwkOf(EC), kid: undefined }],
    ['an empty kid', { ...jwkOf(EC), kid: '' }],
    ['a kid that is a number', { ...jwkOf(EC), kid: 1 }],
    ['half a point', { ...jwkOf(EC), y: undefined }],
    ['a point beside the curve', { ...jwkOf(EC), y: jwkOf(EC).x }],
    ['members that are no texts', { ...jwkOf(EC), x: 1 }],
    ['null', null],
    ['a text', 'key'],
  ])('are not: %s; the others stay', (_, jwk) => expect(kidsOf(jwk)).toEqual([]));

  it.each([null, {}, [], { keys: {} }, { keys: [] }, { keys: [{ kty: 'oct' }] }, 'keys'])('are not in %j', (document) =>
    expect(() => KeySet.of(document)).toThrow('JWKS'),
  );

  it('with one name for two are the first of them', () => {
    const set = KeySet.of({ keys: [jwkOf(EC), jwkOf(newKey('ES256', EC.kid))] });
    const [header, payload, signature] = signJws(EC, 'at+jwt', '{}').split('.') as [string, string, string];
    expect(isSignedBy(set.find('at+jwt', header)!, `${header}.${payload}`, signature)).toBe(true);
  });

  it('stay the same objects while they are published unchanged', () => {
    const before = KeySet.of({ keys: [jwkOf(EC), jwkOf(RSA)] });
    const key = before.find('at+jwt', encodedHeader('at+jwt', EC))!;
    expect(KeySet.of({ keys: [jwkOf(EC)] }, before).has(key)).toBe(true);
    expect(KeySet.of({ keys: [jwkOf(newKey('ES256', EC.kid))] }, before).has(key)).toBe(false);
    expect(KeySet.of({ keys: [jwkOf(RSA)] }, before).has(key)).toBe(false);
  });
});

describe('a header', () => {
  const set = KeySet.of({ keys: [jwkOf(EC), jwkOf(RSA)] });
  const encoded = (text: string) => Buffer.from(text).toString('base64url');

  it('finds the key that mints it, for the type that it states', () => {
    for (const type of JWS_TYPES) {
      const header = encoded(`{"alg":"ES256","typ":"${type}","kid":"ec-key_1"}`);
      expect(encodedHeader(type, EC)).toBe(header);
      expect(kidOf(type, header)).toBe(EC.kid);
      for (const asked of JWS_TYPES) expect(set.find(asked, header)?.kid).toBe(asked === type ? EC.kid : undefined);
    }
    expect(set.find('at+jwt', encodedHeader('at+jwt', RSA))?.alg).toBe('RS256');
  });

  it.each([
    '{"typ":"at+jwt","alg":"ES256","kid":"ec-key_1"}',
    '{"alg":"ES256","typ":"at+jwt","kid":"ec-key_1" }',
    '{"alg":"ES256","typ":"at+jwt","kid":"ec-key_1","crit":["b64"]}',
    '{"alg":"ES256","typ":"at+jwt","kid":"ec-key_1","jwk":{}}',
    '{"alg":"ES256","typ":"at+jwt"}',
    '{"alg":"ES256","kid":"ec-key_1"}',
    '{"alg":"RS256","typ":"at+jwt","kid":"ec-key_1x/../"}',
    '{"alg":"HS256","typ":"at+jwt","kid":"ec-key_1"}',
    '{"alg":"none","typ":"at+jwt","kid":"ec-key_1"}',
    '{"alg":"ES256","typ":"AT+JWT","kid":"ec-key_1"}',
    '{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"ec-key_1"}',
    '',
  ])('that no key mints finds none: %s', (json) => {
    expect(set.find('at+jwt', encoded(json))).toBeUndefined();
    expect(kidOf('at+jwt', encoded(json))).toBeNull();
  });

  it('with the algorithm of another key finds none', () => {
    const header = encoded('{"alg":"RS256","typ":"at+jwt","kid":"ec-key_1"}');
    expect(set.find('at+jwt', header)).toBeUndefined();
  });
});
