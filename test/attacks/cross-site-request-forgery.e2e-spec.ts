import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { User } from '../../src/users/user.entity.js';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

type Headers = Record<string, string>;

const LISTED = 'https://app.example.com';
const SIBLING = 'https://blog.example.com';

/** What a browser says of a request that another page has caused. An undefined header is not sent. */
const FOREIGN: Record<string, Headers> = {
  'a page of another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'a page of the same site': { 'sec-fetch-site': 'same-site', origin: SIBLING },
  'a page without an origin': { 'sec-fetch-site': 'cross-site', origin: 'null' },
  'an old browser on another site': { 'sec-fetch-site': '', origin: 'https://evil.example' },
  'who knows what': { 'sec-fetch-site': '' },
};

describe('a foreign page makes a browser send a request with its cookie', () => {
  let app: TestApp;
  let user: User;
  let browser: Browser;
  beforeAll(async () => {
    const lists = { CORS_ORIGINS: LISTED, TRUSTED_PROXIES: '127.0.0.1/32' };
    app = await TestApp.start({ PUBLIC_URL: 'https://auth.example.com', RATE_LIMITS: 'false', ...lists });
  });
  beforeEach(async () => {
    user = await app.createUser();
    browser = new Browser(app.http);
    await browser.signIn(user.email, PASSWORD);
  });
  afterAll(() => app.close());

  const isRefused = { status: 403, body: { code: 'csrf_refused' } };

  const UNSAFE: Record<string, [method: string, path: string, body?: object]> = {
    refresh: ['POST', '/auth/refresh'],
    'refresh with a body': ['POST', '/auth/refresh', {}],
    logout: ['POST', '/auth/logout'],
    rename: ['PATCH', '/users/me', { display_name: 'Mallory' }],
    'password change': ['POST', '/auth/password', { current_password: PASSWORD, new_password: 'of the attacker' }],
    'ending all other sessions': ['DELETE', '/sessions'],
    'deleting the account': ['DELETE', '/users/me'],
    'an order behind a gateway': ['POST', '/gateway/verify'],
    'an order behind a gateway that asks by path': ['DELETE', '/gateway/verify/orders/1'],
  };

  describe.each(Object.entries(FOREIGN))('from %s', (_, headers) => {
    it.each(Object.entries(UNSAFE))('%s is refused, and nothing happens', async (_name, [method, path, body]) => {
      const answer = await browser.send(method, path, { headers, body });
      expect(answer).toMatchObject(isRefused);
      expect(browser.received).toEqual([]);
      const me = await browser.get('/users/me');
      expect(me).toMatchObject({ status: 200, body: { display_name: null } });
    });

    it('a login is refused, by which they would be somebody else', async () => {
      const mallory = await app.createUser();
      const before = browser.session;
      const login = { email: mallory.email, password: PASSWORD, transport: 'cookie' };
      for (const jar of [browser, new Browser(app.http)]) {
        expect(await jar.post('/auth/login', login, { headers })).toMatchObject(isRefused);
        expect(jar.received).toEqual([]);
      }
      expect(browser.session).toBe(before);
    });
  });

  it('which is no JSON, from whatever page: a form, or a script without a preflight', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', '']) {
      for (const source of [{}, { origin: LISTED }] as Headers[]) {
        const headers: Headers = { 'content-type': type, ...source };
        const answer = await browser.post('/gateway/verify', '{"a":1}', { headers });
        expect([type, answer.status]).toEqual([type, 403]);
        // 415 where Fastify has looked at the body before anybody else.
        expect([403, 415]).toContain((await browser.send('DELETE', '/sessions', { body: 'a=1', headers })).status);
        expect([403, 415]).toContain((await browser.post('/auth/logout', 'a=1', { headers })).status);
      }
    }
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  it('which only reads: it passes, and no foreign page may look at the answer', async () => {
    for (const headers of Object.values(FOREIGN)) {
      const me = await browser.get('/auth/me', { headers });
      expect([me.status, me.headers.get('access-control-allow-origin')]).toEqual([200, null]);
      expect(
        (await browser.get('/gateway/verify', { headers: { ...headers, 'x-forwarded-method': 'GET' } })).status,
      ).toBe(200);
    }
  });

  it('by a method that the gateway does not tell', async () => {
    const ask = (headers: Headers) => browser.get('/gateway/verify', { headers });
    for (const headers of Object.values(FOREIGN)) expect(await ask(headers)).toMatchObject(isRefused);
    const own: Headers[] = [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'cross-site', origin: LISTED }];
    for (const headers of own) expect((await ask(headers)).status).toBe(200);
    expect(await ask({ 'x-forwarded-method': 'POST', 'sec-fetch-site': 'cross-site' })).toMatchObject(isRefused);
    // Forwarded by the client through a gateway that repeats its method.
    const forged = { 'x-forwarded-method': 'GET', 'sec-fetch-site': 'cross-site' };
    expect(await browser.post('/gateway/verify', undefined, { headers: forged })).toMatchObject(isRefused);
  });

  it('that opens a WebSocket, which CORS does not keep anybody from', async () => {
    const handshake = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'x-forwarded-method': 'GET' };
    const ask = (headers: Headers) => browser.get('/gateway/verify/live', { headers: { ...handshake, ...headers } });
    for (const headers of Object.values(FOREIGN)) expect(await ask(headers)).toMatchObject(isRefused);
    const own: Headers[] = [{}, { 'sec-fetch-site': '', origin: LISTED }];
    for (const headers of own) expect((await ask(headers)).status).toBe(200);
  });

  it('and the pages of a listed origin may do all of it, and look at the answers', async () => {
    const headers = { 'sec-fetch-site': 'same-site', origin: LISTED };
    const answers = [
      await browser.send('PATCH', '/users/me', { body: { display_name: 'Alice' }, headers }),
      await browser.post('/auth/refresh', undefined, { headers }),
      await browser.post('/auth/login', { email: user.email, password: PASSWORD, transport: 'cookie' }, { headers }),
      await browser.post('/auth/logout', undefined, { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 204]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(LISTED);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  it('while who brings a token in the header needs none of this', async () => {
    const { access_token: token, refresh_token } = await app.login(user.email);
    const headers = FOREIGN['a page of another site']!;
    expect((await app.http.patch('/users/me', { display_name: 'x' }, { token, headers })).status).toBe(200);
    expect((await app.http.post('/gateway/verify', 'x', { token, headers })).status).toBe(200);
    expect((await app.http.post('/auth/refresh', { refresh_token }, { headers })).status).toBe(200);
    expect((await app.http.post('/auth/logout', undefined, { token, headers })).status).toBe(204);
  });
});

describe('CORS_ORIGINS=*', () => {
  it('opens nothing to cookies', async () => {
    const app = await TestApp.start({ CORS_ORIGINS: `*, ${LISTED}` });
    try {
      const browser = new Browser(app.http);
      await browser.signIn((await app.createUser()).email, PASSWORD);
      for (const origin of ['https://evil.example', '*']) {
        const headers = { origin, 'sec-fetch-site': 'cross-site' };
        const answer = await browser.post('/auth/logout', undefined, { headers });
        expect(answer).toMatchObject({ status: 403, body: { code: 'csrf_refused' } });
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
      const headers = { origin: LISTED, 'sec-fetch-site': 'same-site' };
      const { headers: told } = await browser.get('/auth/me', { headers });
      expect(told.get('access-control-allow-credentials')).toBeNull();
    } finally {
      await app.close();
    }
  });
});
