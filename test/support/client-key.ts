import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export const ISSUER = 'http://localhost:3000';
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A key of a client, and the assertions that it signs with it (RFC 7523 2.2). */
export class ClientKey {
  private constructor(
    readonly jwk: JWK & { kid: string },
    readonly privateKey: CryptoKey,
    private readonly alg: string,
  ) {}

  static async generate(alg = 'ES256', kid: string = randomUUID()): Promise<ClientKey> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return new ClientKey({ ...(await exportJWK(publicKey)), kid }, privateKey, alg);
  }

  get jwks(): { keys: JWK[] } {
    return { keys: [this.jwk] };
  }

  /** Signs a valid assertion with these claims replaced; undefined leaves one out. `now` is in seconds. */
  assertion(clientId: string, claims: JWTPayload = {}, header: object = {}, now = Date.now() / 1000): Promise<string> {
    const times = { iat: Math.floor(now), exp: Math.floor(now) + 60 };
    const payload = { iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID(), ...times, ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: this.alg, kid: this.jwk.kid, ...header })
      .sign(this.privateKey);
  }

  /** Makes the form of a token request that an assertion authenticates. */
  async form(clientId: string, claims: JWTPayload = {}, header: object = {}): Promise<Record<string, string>> {
    return assertionForm(await this.assertion(clientId, claims, header));
  }
}

export const assertionForm = (assertion: string): Record<string, string> => ({
  grant_type: 'client_credentials',
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
});
