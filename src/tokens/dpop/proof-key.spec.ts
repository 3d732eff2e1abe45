import { generateKeyPairSync, sign } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { proofKeyOf } from './proof-key.js';

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ED = generateKeyPairSync('ed25519');
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const [ec, ed, rsa] = [EC, ED, RSA].map(({ publicKey }) => publicKey.export({ format: 'jwk' }) as JWK) as [
  JWK,
  JWK,
  JWK,
];

describe('the key of a proof', () => {
  it.each([
    ['ES256', ec],
    ['EdDSA', ed],
    ['Ed25519', ed],
    ['PS256', rsa],
    ['RS256', rsa],
  ])('for %s has the thumbprint of RFC 7638, whatever else stands beside it', async (alg, jwk) => {
    const thumbprint = await calculateJwkThumbprint(jwk);
    expect(proofKeyOf({ alg, jwk })?.thumbprint).toBe(thumbprint);
    expect(proofKeyOf({ alg, jwk: { use: 'sig', kid: 'mine', alg, ...jwk } })?.thumbprint).toBe(thumbprint);
  });

  // RFC 7638 3.1.
  it('has the thumbprint of the example in the RFC', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs' +
      'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' };
    expect(proofKeyOf({ alg: 'RS256', jwk })?.thumbprint).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('verifies what its private part has signed, and nothing else', () => {
    const key = proofKeyOf({ alg: 'ES256', jwk: ec })!;
    const signature = sign('sha256', Buffer.from('a.b'), { key: EC.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(key.verifies('a.b', signature)).toBe(true);
    expect(key.verifies('a.c', signature)).toBe(false);
    expect(key.verifies('a.b', sign('sha256', Buffer.from('a.b'), EC.privateKey))).toBe(false);
    expect(key.verifies('a.b', Buffer.alloc(64))).toBe(false);
    expect(key.verifies('a.b', Buffer.alloc(0))).toBe(false);
  });

  it('is for one algorithm: PS256 is not RS256', () => {
    const signature = sign('sha256', Buffer.from('a.b'), RSA.privateKey);
    expect(proofKeyOf({ alg: 'RS256', jwk: rsa })!.verifies('a.b', signature)).toBe(true);
    expect(proofKeyOf({ alg: 'PS256', jwk: rsa })!.verifies('a.b', signature)).toBe(false);
  });

  it.each([
    ['no algorithm', { jwk: ec }],
    ['none', { alg: 'none', jwk: ec }],
    ['a symmetric algorithm', { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
    ['a symmetric algorithm with a public key', { alg: 'HS256', jwk: ec }],
    ['a name that every object has', { alg: 'constructor', jwk: ec }],
    ['no key', { alg: 'ES256' }],
    ['null', { alg: 'ES256', jwk: null }],
    ['a text', { alg: 'ES256', jwk: JSON.stringify(ec) }],
    ['the key of another algorithm', { alg: 'ES256', jwk: rsa }],
    ['the key of another algorithm', { alg: 'RS256', jwk: ec }],
    ['the key of another algorithm', { alg: 'EdDSA', jwk: ec }],
    ['another curve', { alg: 'ES256', jwk: { ...ec, crv: 'P-384' } }],
    ['a private key', { alg: 'ES256', jwk: EC.privateKey.export({ format: 'jwk' }) }],
    ['a private key', { alg: 'EdDSA', jwk: ED.privateKey.export({ format: 'jwk' }) }],
    ['a private key', { alg: 'RS256', jwk: RSA.privateKey.export({ format: 'jwk' }) }],
    ['a symmetric key beside it', { alg: 'ES256', jwk: { ...ec, k: 'c2VjcmV0' } }],
    ['a coordinate that is not canonical', { alg: 'ES256', jwk: { ...ec, x: `${ec.x}=` } }],
    ['a coordinate of another length', { alg: 'ES256', jwk: { ...ec, x: ec.x!.slice(0, -2) } }],
    ['a point off the curve', { alg: 'ES256', jwk: { ...ec, y: ec.x } }],
    ['the point at infinity', { alg: 'ES256', jwk: { ...ec, x: 'A'.repeat(43), y: 'A'.repeat(43) } }],
    ['another exponent', { alg: 'RS256', jwk: { ...rsa, e: 'Aw' } }],
    ['a modulus with zeros before it', { alg: 'RS256', jwk: { ...rsa, n: `AAAA${rsa.n}` } }],
    ['a short modulus', { alg: 'RS256', jwk: weakRsa() }],
  ])('is refused: %s', (_, header) => expect(proofKeyOf(header)).toBeNull());
});

function weakRsa(): object {
  return generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
}
