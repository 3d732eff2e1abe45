import { createHmac, sign, type KeyObject } from 'node:crypto';
import type { RingKey } from './key-ring.js';

/** A JWS in compact serialisation (RFC 7515 7.1) of any bytes, by the key that signs now. `typ` says what it is. */
export function signJws(
  typ: string,
  payload: string | Buffer,
  { key, signingKey }: { key: RingKey; signingKey: KeyObject },
): string {
  const header = JSON.stringify({ alg: key.alg, typ, kid: key.kid });
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${signatureOf(input, key.alg, signingKey).toString('base64url')}`;
}

function signatureOf(input: string, alg: RingKey['alg'], key: KeyObject): Buffer {
  if (alg === 'HS256') return createHmac('sha256', key).update(input).digest();
  // RFC 7518 3.4: R and S side by side, not DER. RSA knows no such choice.
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}
