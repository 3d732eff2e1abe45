import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD } from '../system/support/service.js';
import type { Answer, HttpClient, RequestOptions } from './http-client.js';

/** The public URL of the tests' application by default. */
const ORIGIN = 'http://localhost:3000';

/** The service and its time. */
interface Place {
  readonly http: HttpClient;
  readonly publicUrl?: string;
  readonly clock: { seconds(): number };
}

/** Changes to the genuine proof for a request. */
export interface ProofChanges {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
}

/** A client with a key, which makes proofs by another implementation than ours. */
export class DpopKey {
  nonce: string | undefined;

  private constructor(
    readonly jwk: JWK,
    readonly privateKey: CryptoKey,
    readonly thumbprint: string,
    readonly alg: string,
    private readonly app: Place,
  ) {}

  static async create(app: Place, alg = 'ES256'): Promise<DpopKey> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new DpopKey(jwk, privateKey, await calculateJwkThumbprint(jwk), alg, app);
  }

  proof(method: string, path: string, token?: string, { claims, header }: ProofChanges = {}): Promise<string> {
    const payload = {
      jti: randomUUID(),
      htm: method,
      htu: path.startsWith('http') ? path : (this.app.publicUrl ?? ORIGIN) + path,
      iat: this.app.clock.seconds(),
      ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
      ...(this.nonce !== undefined && { nonce: this.nonce }),
      ...claims,
    };
    const all = { typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header };
    return new SignJWT(payload).setProtectedHeader(all).sign(this.privateKey, { crit: { ext: true } });
  }

  /** Stores the nonce of an answer that has one. */
  learn<A extends Answer<unknown>>(answer: A): A {
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce;
    return answer;
  }

  /** Sends a request with a proof, and with a bound token where it has one. */
  async send<Body = Record<string, never>>(
    method: string,
    path: string,
    { token, headers, ...rest }: RequestOptions = {},
  ): Promise<Answer<Body>> {
    const dpop = await this.proof(method, path, token);
    return this.learn(
      await this.app.http.send<Body>(method, path, {
        ...rest,
        headers: { dpop, ...(token && { authorization: `DPoP ${token}` }), ...headers },
      }),
    );
  }

  /** Signs in, with a second request where there is no nonce yet. */
  async login(email: string, password = PASSWORD): Promise<TokenResponse> {
    const ask = () => this.send<TokenResponse>('POST', '/auth/login', { body: { email, password } });
    let answer = await ask();
    if (answer.status === 400) answer = await ask();
    if (answer.status !== 200) throw new Error(`login of ${email}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}
