import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { AccessTokens } from '../../src/tokens/access-tokens.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';

const MINUTE = 60;
const DAY = 86_400;
const ISSUER = 'http://localhost:3000';

const kidOf = (token: string): string => decodeToken(token).header.kid;

/** Another service: it keeps the key set for as long as it may, and never asks about a token. */
class Verifier {
  private cached: { at: number; keys: ReturnType<typeof createLocalJWKSet> } | null = null;

  constructor(
    private readonly app: TestApp,
    private readonly maxAge: number,
  ) {}

  async verify(token: string): Promise<void> {
    const now = this.app.clock.now();
    if (!this.cached || now - this.cached.at >= this.maxAge * 1000) {
      const { body } = await this.app.http.get<JSONWebKeySet>('/.well-known/jwks.json');
      this.cached = { at: now, keys: createLocalJWKSet(body) };
    }
    await jwtVerify(token, this.cached.keys, { issuer: ISSUER, audience: 'api', currentDate: new Date(now) });
  }
}

/** A signed-in person who uses each access token for as long as it lives. */
class Person {
  private mintedAt: number;
  /** Tokens of before, which are good until they expire. */
  private older: { token: string; until: number }[] = [];

  constructor(
    private readonly app: TestApp,
    private tokens: TokenResponse,
    private readonly refreshAfter: number,
  ) {
    this.mintedAt = app.clock.now();
  }

  /** Refreshes where it is time, and uses every token that must be good. Throws where one is refused. */
  async act(verifiers: Verifier[]): Promise<string> {
    const now = this.app.clock.now();
    if (now - this.mintedAt >= this.refreshAfter * 1000) {
      this.older.push({ token: this.tokens.access_token, until: this.mintedAt + 595_000 });
      const body = { refresh_token: this.tokens.refresh_token };
      const answer = await this.app.http.post<TokenResponse>('/auth/refresh', body);
      if (answer.status !== 200) throw new Error(`refresh: ${answer.text}`);
      this.tokens = answer.body;
      this.mintedAt = now;
    }
    this.older = this.older.filter(({ until }) => until > now);
    for (const token of [this.tokens.access_token, ...this.older.map((old) => old.token)]) {
      const me = await this.app.http.get('/auth/me', { token });
      if (me.status !== 200) throw new Error(`a false refusal: ${me.text}`);
      for (const verifier of verifiers) await verifier.verify(token);
    }
    return kidOf(this.tokens.access_token);
  }
}

describe('signing keys rotate while everybody works', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const keys = () =>
    app.dataSource.query<{ kid: string; status: string }[]>(
      'SELECT kid, status FROM signing_keys ORDER BY published_at',
    );

  it('through a whole life of a key, with no false refusal', async () => {
    const { email } = await app.createUser();
    const people: Person[] = [];
    for (const refreshAfter of [1, 4 * MINUTE, 7 * MINUTE, 9 * MINUTE + 30]) {
      people.push(new Person(app, await app.login(email), refreshAfter));
    }
    const verifiers = [new Verifier(app, 0), new Verifier(app, 2 * MINUTE), new Verifier(app, 5 * MINUTE)];
    const lives = new Map<string, string[]>();
    const signers: string[] = [];

    const pass = async (seconds: number): Promise<void> => {
      app.clock.advance(seconds);
      const newcomer = app.login(email).then((tokens) => new Person(app, tokens, MINUTE).act(verifiers));
      const [, ...kids] = await Promise.all([
        app.app.get(KeyRotationService).tick(),
        newcomer,
        ...people.map((person) => person.act(verifiers)),
      ]);
      signers.push(...kids.filter((kid) => kid !== signers.at(-1)));
      const rows = await keys();
      expect(rows.filter(({ status }) => status === 'active')).toHaveLength(1);
      for (const { kid, status } of rows) {
        const life = lives.get(kid) ?? [];
        if (life.at(-1) !== status) lives.set(kid, [...life, status]);
      }
    };
    const slowly = async (minutes: number): Promise<void> => {
      for (let gone = 0; gone < minutes; gone += 2) await pass(2 * MINUTE);
    };

    const [first] = await keys();
    for (let n = 0; n < 4; n++) await pass(20 * DAY);
    await pass(9 * DAY - 20 * MINUTE);
    await slowly(30); // the successor is published
    await pass(DAY - 30 * MINUTE);
    await slowly(50); // it takes over, and the first key retires and goes

    const [successor, ...others] = await keys();
    expect(others).toEqual([]);
    expect(lives.get(first!.kid)).toEqual(['active', 'retired']);
    expect(lives.get(successor!.kid)).toEqual(['published', 'active']);
    expect(new Set(signers)).toEqual(new Set([first!.kid, successor!.kid]));
    expect(signers.at(-1)).toBe(successor!.kid);
    const { body } = await app.http.get<JSONWebKeySet>('/.well-known/jwks.json');
    expect(body.keys.map(({ kid }) => kid)).toEqual([successor!.kid]);
  });

  it('and a reading of the keys forgets no token that has been verified', async () => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    const known = app.app.get(AccessTokens).cached(token);
    expect(known).not.toBeNull();
    await app.app.get(KeyRotationService).tick();
    expect(app.app.get(AccessTokens).cached(token)).toBe(known);
  });

  it('when an administrator asks: the successor stands in the key set for a day before it signs', async () => {
    const { user, tokens } = await app.signedInAdmin();
    const before = kidOf(tokens.access_token);
    const rotate = () =>
      app.http.post<{ keys: Record<string, string>[] }>('/keys/rotate', {}, { token: tokens.access_token });
    const { status, body, text } = await rotate();
    expect(status).toBe(200);
    expect(text).not.toMatch(/private|PRIVATE|"d"/);
    expect(body.keys).toMatchObject([
      { kid: before, status: 'active', alg: 'ES256' },
      { status: 'published', alg: 'ES256', retired_at: null },
    ]);
    const [, successor] = body.keys;
    const ahead = Date.parse(successor!['activates_at']!) - Date.parse(successor!['published_at']!);
    expect(Math.round(ahead / 1000)).toBe(DAY);
    expect((await rotate()).body.keys.map(({ kid }) => kid)).toEqual([before, successor!['kid']]);

    expect(kidOf((await app.login(user.email)).access_token)).toBe(before);
    app.clock.advance(DAY - 60);
    await app.app.get(KeyRotationService).tick();
    const last = (await app.login(user.email)).access_token;
    expect(kidOf(last)).toBe(before);
    app.clock.advance(61);
    await app.app.get(KeyRotationService).tick();
    expect(kidOf((await app.login(user.email)).access_token)).toBe(successor!['kid']);
    expect((await app.http.get('/auth/me', { token: last })).status).toBe(200);
  });
});
