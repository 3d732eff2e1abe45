import { createHmac, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The algorithms that our own keys sign by (RFC 7518 3.1). */
export type SigningAlgorithm = 'ES256' | 'RS256' | 'HS256';

/** A private key, or a secret, with what the header says of it. */
export interface JwsSigner {
  readonly key: { readonly alg: SigningAlgorithm; readonly kid: string };
  readonly signingKey: KeyObject;
}

const signAside = promisify(sign);

/** A JWS in compact serialisation (RFC 7515 7.1) of any bytes, by the key that signs now. `typ` says what it is. */
export function signJws(typ: string, payload: string | Buffer, { key, signingKey }: JwsSigner): string {
  const input = signingInputOf(typ, payload, key);
  return `${input}.${signatureOf(input, key.alg, signingKey).toString('base64url')}`;
}

/** The same by an RSA key, on another thread: a signature by one costs what twenty others do. */
export async function signJwsByRsa(typ: string, payload: string, { key, signingKey }: JwsSigner): Promise<string> {
  const input = signingInputOf(typ, payload, key);
  return `${input}.${(await signAside('sha256', Buffer.from(input), signingKey)).toString('base64url')}`;
}

function signingInputOf(typ: string, payload: string | Buffer, { alg, kid }: JwsSigner['key']): string {
  const header = JSON.stringify({ alg, typ, kid });
  return `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
}

function signatureOf(input: string, alg: SigningAlgorithm, key: KeyObject): Buffer {
  if (alg === 'HS256') return createHmac('sha256', key).update(input).digest();
  // RFC 7518 3.4: R and S side by side, not DER. RSA knows no such choice.
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}
