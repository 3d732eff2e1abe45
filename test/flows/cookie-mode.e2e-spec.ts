import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsersService } from '../../src/users/users.service.js';
import { Browser, tokenIn } from '../support/browser.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';

const DAY = 86_400;
const PUBLIC_URL = 'https://auth.example.com';

describe('a browser signs in with a cookie', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ PUBLIC_URL, RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' });
  });
  afterAll(() => app.close());

  const signedIn = async (fields: Parameters<TestApp['createUser']>[0] = {}) => {
    const user = await app.createUser(fields);
    const browser = new Browser(app.http);
    await browser.signIn(user.email, PASSWORD);
    return { user, browser };
  };

  it('and gets no token, but a cookie of 83 bytes that only its own host sees, over TLS, and no script', async () => {
    const user = await app.createUser();
    const browser = new Browser(app.http);
    const login = await browser.post('/auth/login', { email: user.email, password: PASSWORD, transport: 'cookie' });
    expect(login).toMatchObject({ status: 200, body: { transport: 'cookie', expires_in: 180 * DAY } });
    expect(Object.keys(login.body).toSorted()).toEqual(['expires_in', 'session', 'transport']);
    const [line, ...more] = browser.received.filter((cookie) => cookie.startsWith('__Host-countersign='));
    expect(more).toEqual([]);
    expect(line).toMatch(/^__Host-countersign=[\w-]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=15552000$/);
    expect(line!.split(';')[0]!.length).toBeLessThan(100);
    // Beside it, that of the known device, for each path of a sign-in.
    const others = browser.received.filter((cookie) => cookie !== line);
    expect(others.map((cookie) => /^([^=]+)=[^;]+; Path=([^;]+);/.exec(cookie)!.slice(1))).toEqual([
      ['__Secure-countersign-device', '/auth'],
      ['__Secure-countersign-device', '/sign-in'],
      ['__Secure-countersign-device', '/interactions'],
    ]);
    expect(login.text).not.toContain(browser.session);
  });

  it('and uses closed routes with it, those that change something too', async () => {
    const { user, browser } = await signedIn();
    const me = await browser.get<{ sub: string; sid: string }>('/auth/me');
    expect(me).toMatchObject({ status: 200, body: { sub: user.id, email: user.email } });
    expect((await browser.send('PATCH', '/users/me', { body: { display_name: 'Alice' } })).status).toBe(200);
    const sessions = await browser.get<{ items: { id: string; current: boolean }[] }>('/sessions');
    expect(sessions.body.items).toMatchObject([{ id: me.body.sid, current: true }]);
  });

  it('and behind a gateway, services get a JWT that they verify by themselves', async () => {
    const { user, browser } = await signedIn({ roles: ['user', 'orders:approver'] });
    const answer = await browser.verdict();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-auth-subject')).toBe(user.id);
    const keys = createRemoteJWKSet(new URL(`${app.http.baseUrl}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(tokenIn(answer)!, keys, { issuer: PUBLIC_URL, audience: 'api', typ: 'at+jwt' });
    expect(payload).toMatchObject({ sub: user.id, roles: ['user', 'orders:approver'] });
    expect((await browser.get('/gateway/verify?role=admin', { headers: { 'x-forwarded-method': 'GET' } })).status).toBe(
      403,
    );
    // The same token as a bearer token is answered without another.
    const bearer = await app.http.get('/gateway/verify', { token: tokenIn(answer) });
    expect([bearer.status, bearer.headers.get('authorization')]).toEqual([200, null]);
  });

  it('and a logout in one tab is one in all of them', async () => {
    const { user, browser } = await signedIn();
    const others = await signedIn();
    const tabs = [1, 2, 3].map(() => {
      const tab = new Browser(app.http);
      for (const [name, value] of browser.jar) tab.jar.set(name, value);
      return tab;
    });
    const token = tokenIn(await browser.verdict())!;
    for (const tab of tabs) expect((await tab.get('/auth/me')).status).toBe(200);
    const logout = await tabs[0]!.post('/auth/logout');
    expect(logout.status).toBe(204);
    expect(tabs[0]!.received).toEqual(['__Host-countersign=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0']);
    for (const tab of tabs.slice(1)) {
      expect(await tab.get('/auth/me')).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect(await tab.verdict()).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect((await tab.post('/auth/refresh')).status).toBe(401);
      expect((await tab.post('/auth/logout')).status).toBe(204);
    }
    expect((await app.http.get('/auth/me', { token })).status).toBe(401);
    expect((await others.browser.get('/auth/me')).status).toBe(200);
    await browser.signIn(user.email, PASSWORD);
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  it('and is out when an administrator disables the user, or ends the session', async () => {
    const { user, browser } = await signedIn();
    expect((await browser.get('/auth/me')).status).toBe(200);
    await app.app.get(UsersService).update(user.id, { status: 'disabled' }, BY_TEST);
    expect((await browser.get('/auth/me')).status).toBe(401);
    await app.app.get(UsersService).update(user.id, { status: 'active' }, BY_TEST);
    expect((await browser.get('/auth/me')).status).toBe(401);

    const { user: locked, browser: held } = await signedIn();
    await app.dataSource.query(`UPDATE users SET status = 'disabled' WHERE id = $1`, [locked.id]);
    expect(await held.get('/auth/me')).toMatchObject({ status: 401, body: { code: 'token_revoked' } });

    const ended = await signedIn();
    const admin = await app.adminToken();
    await app.http.delete(`/users/${ended.user.id}/sessions`, { token: admin });
    expect((await ended.browser.verdict()).status).toBe(401);
  });

  it('and stays signed in by a refresh, which sends the cookie again', async () => {
    const { browser } = await signedIn();
    const cookie = browser.session;
    app.clock.advance(20 * DAY);
    const refresh = await browser.post('/auth/refresh');
    expect(refresh).toMatchObject({ status: 200, body: { transport: 'cookie', expires_in: 160 * DAY } });
    expect(browser.received).toEqual([
      `__Host-countersign=${cookie}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=${160 * DAY}`,
    ]);
    app.clock.advance(20 * DAY);
    expect((await browser.get('/auth/me')).status).toBe(200);
    app.clock.advance(29 * DAY);
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  it('and is out after the idle limit, and after the absolute one', async () => {
    const { browser: idle } = await signedIn();
    const { browser: busy } = await signedIn();
    app.clock.advance(30 * DAY - 60);
    expect((await busy.get('/auth/me')).status).toBe(200);
    app.clock.advance(61);
    expect(await idle.get('/auth/me')).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    for (let days = 30; days < 160; days += 29) {
      expect((await busy.get('/auth/me')).status).toBe(200);
      app.clock.advance(29 * DAY);
    }
    expect((await busy.get('/auth/me')).status).toBe(200);
    app.clock.advance(5 * DAY - 120);
    expect((await busy.get('/auth/me')).status).toBe(200);
    app.clock.advance(180);
    expect(await busy.get('/auth/me')).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    expect((await busy.post('/auth/refresh')).status).toBe(401);
  });

  it('and a refresh that has neither a token nor a cookie is told what it lacks', async () => {
    const nothing = await new Browser(app.http).post('/auth/refresh', {});
    expect(nothing).toMatchObject({ status: 400, body: { errors: [{ field: 'refresh_token' }] } });
  });

  it('and a password change keeps it signed in, and ends the others', async () => {
    const { user, browser } = await signedIn();
    const other = new Browser(app.http);
    await other.signIn(user.email, PASSWORD);
    const change = { current_password: PASSWORD, new_password: 'another and better one' };
    expect((await browser.post('/auth/password', change)).status).toBe(204);
    expect((await browser.get('/auth/me')).status).toBe(200);
    expect((await other.get('/auth/me')).status).toBe(401);
  });
});

describe('a service that restarts', () => {
  it('knows the cookies from before, and logs none of them', async () => {
    const database = await createDatabase();
    const start = () => TestApp.start({ DATABASE_URL: database.url, LOG_LEVEL: 'debug' });
    let app = await start();
    try {
      const browser = new Browser(app.http);
      const cookie = await browser.signIn((await app.createUser()).email, PASSWORD);
      const logs = app.logLines;
      await app.close();
      app = await start();
      const later = new Browser(app.http);
      later.jar.set('countersign', cookie);
      expect((await later.get('/auth/me')).status).toBe(200);
      expect((await later.get('/gateway/verify')).status).toBe(200);
      later.jar.set('countersign', `${cookie.slice(0, -1)}!`);
      expect((await later.get('/auth/me')).status).toBe(401);
      const lines = [...logs, ...app.logLines].join('\n');
      expect(lines).toContain('/auth/me');
      expect(lines).not.toContain(cookie.slice(0, 40));
    } finally {
      await app.close();
      await database.drop();
    }
  });
});
