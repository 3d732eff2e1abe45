import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, type Jwk } from './public-key.js';

const pairs = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
};
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as Jwk;
const [p256, rsa, ed25519] = [pairs.p256, pairs.rsa, pairs.ed25519].map(({ publicKey }) => jwkOf(publicKey)) as [
  Jwk,
  Jwk,
  Jwk,
];

describe('a JWK that verifies', () => {
  it.each([
    ['P-256', p256, ['ES256']],
    ['RSA', rsa, ['RS256', 'PS256']],
    ['Ed25519', ed25519, ['EdDSA', 'Ed25519']],
  ])('of the kind %s, by its algorithms alone', (_, jwk, algorithms) => {
    expect(publicKeyOf(jwk)).toMatchObject({ kid: null, algorithms });
  });

  it('says which key it is, and may say what it is for', () => {
    const key = publicKeyOf({ ...rsa, kid: 'a', use: 'sig', key_ops: ['verify'], alg: 'PS256' });
    expect(key).toMatchObject({ kid: 'a', algorithms: ['PS256'] });
  });
});

describe('a JWK that does not', () => {
  const small = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const odd = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey);
  const long = Buffer.alloc(32, 255).toString('base64url');
  const faults: [string, Jwk][] = [
    ['a private P-256 key', jwkOf(pairs.p256.privateKey)],
    ['a private RSA key', jwkOf(pairs.rsa.privateKey)],
    ['a private Ed25519 key', jwkOf(pairs.ed25519.privateKey)],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a public key with a secret', { ...p256, k: 'c2VjcmV0' }],
    ['another curve', jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)],
    ['a key to agree by', jwkOf(generateKeyPairSync('x25519').publicKey)],
    ['an RSA key of 1024 bits', small],
    ['an RSA key with another exponent', odd],
    ['an RSA key that seems longer than it is', { ...small, n: `${'A'.repeat(172)}${String(small['n'])}` }],
    ['a point that is not on the curve', { ...p256, x: long }],
    ['a coordinate that is cut', { ...p256, x: String(p256['x']).slice(0, -2) }],
    ['a coordinate in another spelling', { ...p256, x: `${String(p256['x'])}=` }],
    ['another use', { ...p256, use: 'enc' }],
    ['other operations', { ...p256, key_ops: ['sign'] }],
    ['an algorithm that is not of its kind', { ...p256, alg: 'RS256' }],
    ['an algorithm of secrets', { ...rsa, alg: 'HS256' }],
    ['a kid that is no text', { ...p256, kid: 1 }],
    ['a kind that every object has', { ...p256, kty: 'constructor', crv: undefined }],
    ['nothing', {}],
  ];
  it.each(faults)('%s', (_, jwk) => expect(publicKeyOf(jwk)).toBeNull());
});
