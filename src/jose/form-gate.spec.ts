import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testFormGate } from '../../test/vectors/form-gate.js';
import { encodedHeaderOf } from './form-gate.js';

describe('the form gate', () => {
  testFormGate(encodedHeaderOf);

  it('lets a token pass that was signed', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const input = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(encodedHeaderOf(`${input}.${signature.toString('base64url')}`)).toBe(input.split('.')[0]);
  });
});
