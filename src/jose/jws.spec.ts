import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { signJws } from './jws.js';
import type { SigningAlgorithm } from './signature.js';

const secret = createSecretKey(randomBytes(32));
const KEYS: [SigningAlgorithm, { privateKey: KeyObject; publicKey: KeyObject }][] = [
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['HS256', { privateKey: secret, publicKey: secret }],
];

describe('signJws', () => {
  it.each(KEYS)(
    '%s: an independent library verifies it, whatever the bytes',
    async (alg, { privateKey, publicKey }) => {
      const key = { kid: 'AAAAAAAA', alg, status: 'active', verificationKey: publicKey } as const;
      for (const payload of ['{"a":"ä"}', randomBytes(257)]) {
        const jws = signJws('rev+jwt', payload, { key, signingKey: privateKey });
        const verified = await compactVerify(jws, publicKey, { algorithms: [alg] });
        expect(verified.protectedHeader).toEqual({ alg, typ: 'rev+jwt', kid: 'AAAAAAAA' });
        expect(Buffer.from(verified.payload)).toEqual(Buffer.from(payload));
      }
    },
  );
});
