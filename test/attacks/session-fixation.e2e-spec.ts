import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { poolOf } from '../../src/platform/database/data-source.js';
import { ExchangedTokens } from '../../src/tokens/exchanged-tokens.js';
import { Browser, SAME_ORIGIN } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

describe('a cookie in the wrong place', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' });
  });
  afterAll(() => app.close());

  const signedIn = async () => {
    const user = await app.createUser();
    const browser = new Browser(app.http);
    await browser.signIn(user.email, PASSWORD);
    return { user, browser };
  };
  /** A browser whose jar holds just this. */
  const holding = (cookie: string) => {
    const browser = new Browser(app.http);
    browser.jar.set('countersign', cookie);
    return browser;
  };
  const whoIs = async (browser: Browser, headers: Record<string, string> = {}) => {
    const me = await browser.get<{ sub?: string; code?: string }>('/auth/me', { headers });
    const verdict = await browser.get<{ code: string } | undefined>('/gateway/verify', {
      headers: { 'x-forwarded-method': 'GET', ...headers },
    });
    expect(verdict.status).toBe(me.status);
    expect(verdict.headers.get('x-auth-subject') ?? verdict.body?.code).toBe(me.body.sub ?? me.body.code);
    return me.body.sub ?? me.body.code;
  };

  describe('that an attacker has planted before the victim signs in', () => {
    it('is replaced: the victim gets a new session, and the planted one ends', async () => {
      const mallory = await signedIn();
      const planted = mallory.browser.session!;
      const victim = holding(planted);
      const user = await app.createUser();
      const cookie = await victim.signIn(user.email, PASSWORD);
      expect(cookie).not.toBe(planted);
      expect(await whoIs(victim)).toBe(user.id);
      expect(await whoIs(mallory.browser)).toBe('token_revoked');
      expect((await mallory.browser.post('/auth/refresh')).status).toBe(401);
    });

    it.each(['A'.repeat(64), 'x', '', 'session'])('is of no use where it is made up: %j', async (planted) => {
      const victim = holding(planted);
      const user = await app.createUser();
      await victim.signIn(user.email, PASSWORD);
      expect(await whoIs(victim)).toBe(user.id);
      expect(await whoIs(holding(planted))).toBe('token_invalid');
    });

    it('stays where the sign-in fails', async () => {
      const { user, browser } = await signedIn();
      const login = { email: user.email, password: 'a wrong password', transport: 'cookie' };
      expect((await browser.post('/auth/login', login)).status).toBe(401);
      expect(browser.received).toEqual([]);
      expect(await whoIs(browser)).toBe(user.id);
    });

    it('is another at every sign-in, and the session before is over', async () => {
      const { user, browser } = await signedIn();
      const cookies = new Set([browser.session!]);
      for (let i = 0; i < 5; i++) cookies.add(await browser.signIn(user.email, PASSWORD));
      expect(cookies.size).toBe(6);
      const { body } = await browser.get<{ items: unknown[] }>('/sessions');
      expect(body.items).toHaveLength(1);
    });
  });

  it('that two users share one after the other is always that of the last', async () => {
    const [alice, bob] = [await app.createUser(), await app.createUser()];
    const jar = new Browser(app.http);
    const seen: string[] = [];
    for (const user of [alice, bob, alice, bob]) {
      seen.push(await jar.signIn(user.email, PASSWORD));
      expect(await whoIs(jar)).toBe(user.id);
    }
    for (const cookie of seen.slice(0, -1)) expect(await whoIs(holding(cookie))).toBe('token_revoked');
  });

  it('that two users share at the same time is that of the one, or of the other', async () => {
    const [alice, bob] = [await app.createUser(), await app.createUser()];
    for (let round = 0; round < 10; round++) {
      const tabs = [alice, bob].map(({ email }) => {
        const tab = new Browser(app.http);
        return tab.signIn(email, PASSWORD).then((cookie) => cookie);
      });
      const [ofAlice, ofBob] = await Promise.all(tabs);
      const asked = [ofAlice!, ofBob!, ofAlice!, ofBob!].map((cookie) => whoIs(holding(cookie)));
      expect(await Promise.all(asked)).toEqual([alice.id, bob.id, alice.id, bob.id]);
    }
  });

  it('beside an Authorization header is not looked at, whatever that says', async () => {
    const { user, browser } = await signedIn();
    const other = await app.signedInUser();
    const as = (authorization: string) => whoIs(browser, { authorization });
    expect(await as(`Bearer ${other.tokens.access_token}`)).toBe(other.user.id);
    for (const garbage of ['Bearer x', 'DPoP x', 'Bearer a.b.c', `Bearer ${other.tokens.access_token}x`]) {
      expect(await as(garbage)).toBe('token_invalid');
    }
    for (const scheme of ['', 'Bearer', 'Basic YTpi', 'x']) expect(await as(scheme)).toBe('token_missing');
    // Nor is it refreshed or ended then.
    const headers = { authorization: 'Basic YTpi' };
    expect((await browser.post('/auth/refresh', undefined, { headers })).status).toBe(400);
    expect((await browser.post('/auth/logout', undefined, { headers })).status).toBe(401);
    const token = { authorization: `Bearer ${other.tokens.access_token}` };
    expect((await browser.post('/auth/logout', undefined, { headers: token })).status).toBe(204);
    expect(await whoIs(browser)).toBe(user.id);
  });

  it('twice in one request is refused, whichever of them is good', async () => {
    const [{ browser }, other] = [await signedIn(), await signedIn()];
    const [one, two] = [browser.session!, other.browser.session!];
    for (const pair of [
      [one, two],
      [one, one],
      [one, 'x'],
      ['x', one],
      ['', one],
    ]) {
      const headers = { ...SAME_ORIGIN, cookie: pair.map((value) => `countersign=${value}`).join('; ') };
      for (const [method, path] of [
        ['GET', '/auth/me'],
        ['GET', '/gateway/verify'],
        ['POST', '/auth/refresh'],
        ['POST', '/auth/logout'],
      ] as const) {
        const answer = await app.http.send(method, path, { headers });
        expect([path, answer.status]).toEqual([path, 401]);
        expect(answer.body).toMatchObject({ code: 'token_invalid' });
      }
    }
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  it('as a bearer or a refresh token is none, nor is one of those a cookie', async () => {
    const { user, browser } = await signedIn();
    const tokens = await app.login(user.email);
    const cookie = browser.session!;
    expect((await browser.get('/auth/me')).status).toBe(200);
    for (const token of [cookie, `cookie ${cookie}`]) {
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
      expect((await app.http.get('/gateway/verify', { token })).status).toBe(401);
    }
    for (const refresh_token of [cookie, `csr_${cookie}`]) {
      const refresh = await app.http.post('/auth/refresh', { refresh_token });
      expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
      await app.http.post('/auth/logout', { refresh_token });
    }
    expect(await whoIs(browser)).toBe(user.id);
    const { access_token: access, refresh_token: refresh } = tokens;
    for (const token of [refresh, refresh.slice(4), refresh.slice(4, 68), access, access.slice(-64)]) {
      expect(await whoIs(holding(token))).toBe('token_invalid');
      expect((await holding(token).post('/auth/refresh')).status).toBe(401);
      expect((await holding(token).post('/auth/logout')).status).toBe(204);
    }
    expect((await app.http.get('/auth/me', { token: access })).status).toBe(200);
    const device = browser.jar.get('countersign-device')!;
    expect(await whoIs(holding(device))).toBe('token_invalid');
  });

  it('that is the text of a credential of another kind is none, though that has been exchanged', async () => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    const key = 'k'.repeat(64);
    await app.app.get(ExchangedTokens).exchange('apiKey', key, () => Promise.resolve(token));
    expect(await whoIs(holding(key))).toBe('token_invalid');
  });

  it('that is forged costs no query', async () => {
    const { browser } = await signedIn();
    const cookie = browser.session!;
    const pool = poolOf(app.dataSource);
    const query = vi.spyOn(pool, 'query');
    const forged = Array.from({ length: 48 }, (_, byte) => {
      const bytes = Buffer.from(cookie, 'base64url');
      bytes[byte]! ^= 1;
      return bytes.toString('base64url');
    });
    for (const value of forged) {
      expect(await whoIs(holding(value))).toBe('token_invalid');
      expect((await holding(value).post('/auth/refresh')).status).toBe(401);
      expect((await holding(value).post('/auth/logout')).status).toBe(204);
    }
    const statements = query.mock.calls.map(([statement]) => JSON.stringify(statement));
    query.mockRestore();
    expect(statements.filter((statement) => /sessions|users/.test(statement))).toEqual([]);
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  it('of a session whose secret is another opens nothing, though its MAC is ours', async () => {
    const { user, browser } = await signedIn();
    await app.dataSource.query(`UPDATE sessions SET secret_hash = decode(repeat('00', 32), 'hex') WHERE user_id = $1`, [
      user.id,
    ]);
    expect(await whoIs(browser)).toBe('token_revoked');
    expect((await browser.post('/auth/logout')).status).toBe(204);
    const [{ count }] = await app.dataSource.query<[{ count: string }]>(
      'SELECT count(*) FROM sessions WHERE user_id = $1',
      [user.id],
    );
    expect(count).toBe('1');
  });
});
