import { createHmac, sign, type KeyObject } from 'node:crypto';
import { KeyRing } from '../../src/keys/key-ring.js';
import type { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';

/** Signs what stands before the last dot of a JWS. */
export type Signer = (input: string) => Buffer;

// RFC 7518 3.4: the signature is R and S side by side, not DER.
export const es256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });

export const rs256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', Buffer.from(input), key);

export const hmac =
  (secret: string | Buffer | KeyObject, digest = 'sha256'): Signer =>
  (input) =>
    createHmac(digest, secret).update(input).digest();

/** base64url of a text, or of the JSON of anything else. */
export const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** A JWS in compact serialisation (RFC 7515 7.1). Texts are taken as the JSON that they are, well-formed or not. */
export function forge(header: unknown, claims: unknown, signer: Signer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

/** Signs with the service's own active key, to show that a check stands behind the signature. */
export function ownSigner({ app }: TestApp): Signer {
  const { key, signingKey } = app.get(KeyRing).signer;
  return { ES256: es256, RS256: rs256, HS256: hmac }[key.alg](signingKey);
}

/** The token as if a key had signed it that nobody has. */
export function ofUnknownKey(token: string): string {
  const { header, claims } = decodeToken(token);
  const kid = header.kid.slice(0, -1) + (header.kid.endsWith('_') ? 'A' : '_');
  return forge({ ...header, kid }, claims, () => Buffer.alloc(64));
}
