import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** The request that a proof is for, and its token. */
export interface TestProof {
  method: string;
  /** The absolute URL, as the client requests it. */
  url: string;
  token: string;
  /** Claims that replace the others, for proofs that no client would make; undefined leaves a claim out. */
  claims?: Record<string, unknown>;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The key of a client that uses DPoP (RFC 9449). Made by the test issuer's `clientKey()`. */
export class ClientKey {
  private readonly pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /** @param now - the time that proofs state, in milliseconds since the epoch */
  constructor(private readonly now: () => number) {}

  /** The public part, as in its proofs. */
  get jwk(): { kty: string; crv: string; x: string; y: string } {
    const { x, y } = this.pair.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    return { kty: 'EC', crv: 'P-256', x, y };
  }

  /** The thumbprint (RFC 7638), which tokens that are bound to it state. */
  get thumbprint(): string {
    const { crv, kty, x, y } = this.jwk;
    return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  }

  /** Makes the value of a `DPoP` header. Each one works once. */
  proof({ method, url, token, claims }: TestProof): string {
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk };
    const payload = {
      jti: randomBytes(16).toString('base64url'),
      htm: method,
      htu: url,
      iat: Math.floor(this.now() / 1000),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...claims,
    };
    const input = `${encoded(header)}.${encoded(payload)}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.pair.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}
