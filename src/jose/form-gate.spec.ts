import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testFormGate } from '../../test/vectors/form-gate.js';
import { compactJwsOf } from './form-gate.js';

describe('the form gate', () => {
  testFormGate((token) => compactJwsOf(token)?.header ?? null);

  it('cuts a token that was signed at its dots', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [header, payload] = ['{"alg":"ES256"}', '{"sub":"x"}'].map((text) => Buffer.from(text).toString('base64url'));
    const signingInput = `${header}.${payload}`;
    const bytes = sign('sha256', Buffer.from(signingInput), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const signature = bytes.toString('base64url');
    expect(compactJwsOf(`${signingInput}.${signature}`)).toEqual({ header, payload, signature, signingInput });
  });
});
