import { createHmac, sign, type KeyObject } from 'node:crypto';
import type { KeyRing } from './key-ring.js';

/** A JWS in compact serialisation (RFC 7515 7.1) of what is no access token: `typ` says what it is (RFC 8725 3.11). */
export function signJws({ key, signingKey }: KeyRing['signer'], typ: string, payload: string | Buffer): string {
  const header = Buffer.from(JSON.stringify({ alg: key.alg, typ, kid: key.kid })).toString('base64url');
  const input = `${header}.${Buffer.from(payload as string).toString('base64url')}`;
  return `${input}.${signatureOf(Buffer.from(input), key.alg, signingKey).toString('base64url')}`;
}

function signatureOf(input: Buffer, alg: KeyRing['signer']['key']['alg'], key: KeyObject): Buffer {
  if (alg === 'HS256') return createHmac('sha256', key).update(input).digest();
  return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
}
