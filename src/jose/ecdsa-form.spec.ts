import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { derOfEcdsa, ecdsaOfDer } from './ecdsa-form.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('an ECDSA signature of P-256', () => {
  it('is the same number in both forms, as OpenSSL reads them', () => {
    for (let i = 0; i < 300; i++) {
      const der = createSign('sha256').update(`${i}`).sign(privateKey);
      const signature = ecdsaOfDer(der);
      expect(derOfEcdsa(signature)).toEqual(der);
      const raw = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
      expect(createVerify('sha256').update(`${i}`).verify(raw, signature)).toBe(true);
    }
  });

  it.each([
    ['small', [1], [1], '3006020101020101'],
    ['with a high bit and without', [0x80], [0x7f], '30070202008002017f'],
    ['nothing', [], [], '3006020100020100'],
    ['as large as can be', Array(32).fill(0xff), [1], `3026022100${'ff'.repeat(32)}020101`],
    ['a byte short', Array(31).fill(0x7f), Array(31).fill(0x80), `3043021f${'7f'.repeat(31)}022000${'80'.repeat(31)}`],
  ])('whose numbers are %s has no zeros before them in DER', (_, r: number[], s: number[], der) => {
    const signature = Buffer.alloc(64);
    Buffer.from(r).copy(signature, 32 - r.length);
    Buffer.from(s).copy(signature, 64 - s.length);
    expect(derOfEcdsa(signature)!.toString('hex')).toBe(der);
    expect(ecdsaOfDer(Buffer.from(der, 'hex'))).toEqual(signature);
  });

  it.each([0, 63, 65, 70, 71, 72, 96])('has 64 bytes, not %d', (length) =>
    expect(derOfEcdsa(Buffer.alloc(length, 1))).toBeNull(),
  );
});
