import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';

/** An issuer for workloads, like a cluster or a CI service: it publishes keys on the loopback, and signs tokens. */
export class WorkloadIssuer {
  readonly kid = 'key-1';
  /** Replaces the correct metadata at its `.well-known/openid-configuration`. */
  metadata: object | null = null;
  /** The number of times that its keys were fetched. */
  asked = 0;
  /** Called before an answer with its keys. */
  beforeKeys: () => Promise<unknown> = () => Promise.resolve();

  private constructor(
    private readonly server: Server,
    readonly privateKey: CryptoKey,
    readonly publicJwk: JWK,
  ) {}

  static async start(): Promise<WorkloadIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
    const server = createServer();
    const issuer = new WorkloadIssuer(server, privateKey, jwk);
    server.on('request', ({ url }, response) => void issuer.serve(url!, response));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get jwksUri(): string {
    return `${this.url}/keys`;
  }

  /** Signs a token for a workload. `now` is in seconds. */
  sign(claims: JWTPayload, now: number, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    return new SignJWT({ iss: this.url, aud: 'http://localhost:3000', iat: now, nbf: now, exp: now + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: this.kid, ...header })
      .sign(this.privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => void this.server.close(resolve));
  }

  private async serve(path: string, response: ServerResponse): Promise<void> {
    response.setHeader('content-type', 'application/json');
    if (path === '/.well-known/openid-configuration') {
      return void response.end(JSON.stringify(this.metadata ?? { issuer: this.url, jwks_uri: this.jwksUri }));
    }
    if (path !== '/keys') return void response.writeHead(404).end();
    this.asked += 1;
    await this.beforeKeys();
    response.end(JSON.stringify({ keys: [this.publicJwk] }));
  }
}
