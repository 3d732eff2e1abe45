import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignature, type SignatureAlgorithm } from './signature.js';

const pairs = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
};

describe('a signature', () => {
  const text = 'header.payload';
  const bytes = Buffer.from(text);
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const made: [SignatureAlgorithm, KeyObject, Buffer][] = [
    ['ES256', pairs.p256.publicKey, sign('sha256', bytes, { key: pairs.p256.privateKey, dsaEncoding: 'ieee-p1363' })],
    ['RS256', pairs.rsa.publicKey, sign('sha256', bytes, pairs.rsa.privateKey)],
    ['PS256', pairs.rsa.publicKey, sign('sha256', bytes, { key: pairs.rsa.privateKey, ...pss })],
    ['EdDSA', pairs.ed25519.publicKey, sign(null, bytes, pairs.ed25519.privateKey)],
    ['Ed25519', pairs.ed25519.publicKey, sign(null, bytes, pairs.ed25519.privateKey)],
  ];

  it.each(made)('by %s is the key’s over its text', (algorithm, key, signature) => {
    expect(isSignature(algorithm, text, key, signature)).toBe(true);
    expect(isSignature(algorithm, `${text}.`, key, signature)).toBe(false);
    const altered = Buffer.from(signature);
    altered[9]! ^= 1;
    expect(isSignature(algorithm, text, key, altered)).toBe(false);
    expect(isSignature(algorithm, text, key, Buffer.alloc(0))).toBe(false);
  });

  it('is of one padding, in one form', () => {
    const [, , pkcs1] = made[1]!;
    expect(isSignature('PS256', text, pairs.rsa.publicKey, pkcs1)).toBe(false);
    const der = sign('sha256', bytes, pairs.p256.privateKey);
    expect(isSignature('ES256', text, pairs.p256.publicKey, der)).toBe(false);
    const salted = sign('sha256', bytes, { key: pairs.rsa.privateKey, ...pss, saltLength: 20 });
    expect(isSignature('PS256', text, pairs.rsa.publicKey, salted)).toBe(false);
  });
});
