import { createHash } from 'node:crypto';
import type { VerifierOptions } from '../index.js';
import { claimsOf, fingerprintOf, newSession, type TestToken } from './access-token.js';
import { ClientKey } from './client-key.js';
import { serveOnLoopback, type LoopbackServer } from './loopback-server.js';
import { RevocationFeed } from './revocation-feed.js';
import { SigningKey } from './signing-key.js';

/** The longest life of an access token, in seconds: 60 minutes. */
const MAX_LIFETIME = 3600;
const MINUTE = 60;

export interface TestIssuerOptions {
  /** The issuer of tokens (`iss`), `https://auth.test` by default. */
  issuer?: string;
  /** The audience of tokens (`aud`), `api` by default. */
  audience?: string;
}

/** Returns the `sid` itself, or that of the token. */
function sidOf(sessionOrToken: string): string {
  const [, payload] = sessionOrToken.split('.');
  if (payload === undefined) return sessionOrToken;
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }).sid;
}

function cacheable(body: string, contentType: string, maxAge: number, headers: Headers): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const answer = { ETag: etag, 'Cache-Control': `public, max-age=${maxAge}` };
  if (headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: answer });
  return new Response(body, { headers: { ...answer, 'Content-Type': contentType } });
}

/** An issuer in the memory of a test, with the tokens, the keys, the feed and the failures of a real one. */
export class TestIssuer {
  /** The audience of tokens. */
  readonly audience: string;
  private readonly feed = new RevocationFeed(this);
  private keys = [new SigningKey()];
  private server: LoopbackServer | undefined;
  private aheadMs = 0;
  private isDown = false;

  constructor(private readonly options: TestIssuerOptions = {}) {
    this.audience = options.audience ?? 'api';
  }

  /** The issuer of tokens; after `listen()` its address, unless the options named an issuer. */
  get url(): string {
    return this.options.issuer ?? this.server?.url ?? 'https://auth.test';
  }

  /** Options for a verifier in this process: it shares the issuer's clock and reaches it without a socket. */
  get verifierOptions(): Required<Pick<VerifierOptions, 'issuer' | 'fetch' | 'clock'>> & { audience: string } {
    return { issuer: this.url, audience: this.audience, fetch: this.fetch, clock: () => this.now() };
  }

  /** The number of verifiers that read the feed. */
  get connectedVerifiers(): number {
    return this.feed.readers;
  }

  /** The key that signs. */
  get signingKey(): SigningKey {
    return this.keys.at(-1)!;
  }

  /** Returns the issuer's time, in milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.aheadMs;
  }

  /**
   * Moves the issuer's time forward, and sends it to the verifiers.
   *
   * @throws RangeError where it would go back.
   */
  async advance(seconds: number): Promise<void> {
    if (!(seconds >= 0)) throw new RangeError('Time only goes forward');
    this.aheadMs += seconds * 1000;
    await this.feed.beat();
  }

  /** Mints an access token with the claims, the header and the form of production. */
  token(token: TestToken = {}): string {
    const now = Math.floor(this.now() / 1000);
    const claims = claimsOf(token, { issuer: this.url, audience: this.audience, now });
    return this.signingKey.jws('at+jwt', JSON.stringify(claims));
  }

  /** Makes a key of a client: tokens with its thumbprint are bound to it, and it makes the proofs to send with them. */
  clientKey(): ClientKey {
    return new ClientKey(() => this.now());
  }

  /** Makes a session id, for several tokens of one session. */
  newSession(): string {
    return newSession(this.now());
  }

  /**
   * Ends a session, as a logout does. Like all revocations it resolves when it was sent to the connected verifiers;
   * those in this process have applied it then.
   *
   * @param sessionOrToken The `sid`, or any token of the session.
   */
  async revokeSession(sessionOrToken: string): Promise<void> {
    const fingerprint = fingerprintOf(sidOf(sessionOrToken));
    await this.feed.append({ kind: 'session', fingerprint, until: this.forgettableAt() });
  }

  /** Refuses every token of a user (`sub`) that was minted until now. */
  async revokeUser(subject: string): Promise<void> {
    await this.feed.append({ kind: 'users', id: subject, ...this.epoch() });
  }

  /** Refuses every token of a client (`client_id`) that was minted until now. */
  async revokeClient(client: string): Promise<void> {
    await this.feed.append({ kind: 'clients', id: client, ...this.epoch() });
  }

  /** Refuses every token that was minted until now. */
  async revokeAll(): Promise<void> {
    await this.feed.append({ kind: 'all', ...this.epoch() });
  }

  /**
   * Signs with a new key from now on. Tokens of the old one stay valid; in an emergency the old key is removed from the
   * JWKS, and its tokens are refused.
   */
  async rotateKey({ emergency = false }: { emergency?: boolean } = {}): Promise<void> {
    const replaced = this.signingKey;
    // This is signed with the old key for the last time, because verifiers have it, while they still have to fetch the
    // new one.
    if (emergency) await this.feed.append({ kind: 'keys', id: replaced.kid, ...this.epoch() });
    this.keys = [...this.keys.filter((key) => !emergency || key !== replaced), new SigningKey()];
  }

  /** Ends every open stream, once. Verifiers reconnect by themselves. */
  async dropStreams(): Promise<void> {
    await this.feed.drop();
  }

  /** Ends every stream and breaks every new connection, until {@link comeBack}. */
  async goDown(): Promise<void> {
    this.isDown = true;
    await this.feed.drop();
  }

  comeBack(): void {
    this.isDown = false;
  }

  /**
   * Serves on the loopback interface, for services in other processes. Tokens minted from then on state that address as
   * their issuer, unless the options named one.
   *
   * @param port Any free port by default.
   * @returns The address.
   */
  async listen(port = 0): Promise<string> {
    this.server ??= await serveOnLoopback((url, headers) => this.respond(url, headers), port);
    return this.server.url;
  }

  /** Ends every stream, and stops listening. */
  async close(): Promise<void> {
    await this.feed.drop();
    await this.server?.close();
    this.server = undefined;
  }

  private readonly fetch: typeof globalThis.fetch = async (input, init) => {
    // The signal of the Request made here is not used: it no longer follows the caller's signal after the Request is
    // garbage-collected.
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const { url, headers } = new Request(input, init);
    const response = this.respond(new URL(url), headers);
    return new Response(response.body?.pipeThrough(new TransformStream(), { signal }), response);
  };

  private respond(url: URL, headers: Headers): Response {
    // The error of `fetch` where no server listens.
    if (this.isDown) throw new TypeError('fetch failed');
    // The issuer's URL may have any path.
    switch (url.pathname.split('/').at(-1)) {
      case 'jwks.json':
        return cacheable(JSON.stringify({ keys: this.keys.map((key) => key.jwk) }), 'application/json', 300, headers);
      case 'snapshot':
        return cacheable(this.feed.snapshot(), 'application/jose', 5, headers);
      case 'stream': {
        const from = headers.get('last-event-id') ?? url.searchParams.get('from');
        const stream = this.feed.open(from === null ? null : Number(from), url.searchParams.get('nonce'));
        return new Response(stream, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } });
      }
      default:
        return new Response(null, { status: 404 });
    }
  }

  /**
   * Returns the time from which an entry can be forgotten, rounded up to the minute like that of the service, so that a
   * frame needs few groups.
   */
  private forgettableAt(): number {
    return Math.ceil((this.now() / 1000 + MAX_LIFETIME) / MINUTE) * MINUTE;
  }

  /**
   * Makes an epoch up to the current second, and moves the time to the next one, so that a token minted right
   * afterwards is newer.
   */
  private epoch(): { at: number; until: number } {
    const now = this.now();
    this.aheadMs += 1000 - (now % 1000);
    return { at: Math.floor(now / 1000), until: this.forgettableAt() };
  }
}

/**
 * Makes an issuer for tests, which is ready at once: no network, no database.
 *
 * @example
 * const issuer = createTestIssuer();
 * const verifier = createVerifier(issuer.verifierOptions);
 * const token = issuer.token({ roles: ['admin'] });
 * await verifier.verify(token);
 * await issuer.revokeSession(token);
 * await verifier.verify(token); // throws token_revoked
 *
 */
export const createTestIssuer = (options: TestIssuerOptions = {}): TestIssuer => new TestIssuer(options);
