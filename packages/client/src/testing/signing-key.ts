import { generateKeyPairSync, randomBytes, sign, type JsonWebKey } from 'node:crypto';

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** A key like those of the service: P-256, with an id of 8 characters of base64url. */
export class SigningKey {
  readonly kid = randomBytes(6).toString('base64url');
  private readonly pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /** The public part, as in the JWKS. */
  get jwk(): JsonWebKey {
    return { ...this.pair.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'ES256', use: 'sig' };
  }

  /** Makes a JWS in compact serialisation (RFC 7515 7.1). */
  jws(typ: string, payload: string | Buffer): string {
    const header = JSON.stringify({ alg: 'ES256', typ, kid: this.kid });
    const input = `${encoded(header)}.${Buffer.from(payload).toString('base64url')}`;
    // RFC 7518 3.4: the signature is R and S, one after the other, not DER.
    const signature = sign('sha256', Buffer.from(input), { key: this.pair.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}
