import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { askRaw, postRaw } from './raw-http.js';

/** Escapes as they stand in JSON: lone surrogates, and what PostgreSQL cannot store. */
const SURROGATES = ['\\ud800', 'a\\udfffb', '\\udc00\\ud800'];
const NULS = ['\\u0000', 'a\\u0000b', '\\u0000admin@example.com', 'x@example.com#\\u0000'];

const URL_TEXTS = [
  ...'%00 a%00b %ff %c0%af %ed%a0%80 % %zz %u0041 %0d%0aX:y ..%2f . .. \xe2\x80\xae \xff'.split(' '),
  'a'.repeat(3_000),
];

describe('text that no client of ours would send', () => {
  let app: TestApp;
  let email: string;
  let token: string;
  let admin: string;

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const signedIn = await app.signedInUser();
    email = signedIn.user.email;
    token = signedIn.tokens.access_token;
    admin = await app.adminToken();
  });
  afterAll(() => app.close());
  // Whatever it was, the service goes on.
  afterEach(async () => expect((await app.http.get('/auth/me', { token })).status).toBe(200));

  it.each([...SURROGATES, ...NULS])('%s where a text is stored: 400', async (text) => {
    const users = await app.dataSource.query<unknown[]>('SELECT * FROM users');
    const requests: [method: string, path: string, body: string, token?: string][] = [
      ['POST', '/auth/register', `{"email":"${text}@example.com","password":"${PASSWORD}"}`],
      ['POST', '/auth/register', `{"email":"x@${text}example.com","password":"${PASSWORD}"}`],
      ['POST', '/auth/register', `{"email":"x@example.com${text}","password":"${PASSWORD}"}`],
      ['POST', '/auth/register', `{"email":"${text}","password":"${PASSWORD}"}`],
      ['POST', '/auth/register', `{"email":"x@example.com","password":"${PASSWORD}","display_name":"${text}"}`],
      ['PATCH', '/users/me', `{"display_name":"Alice${text}"}`, token],
      ['PATCH', '/users/me', `{"${text}":"Alice"}`, token],
      ['POST', '/users', `{"email":"x@example.com","roles":["${text}"]}`, admin],
      ['POST', '/users', `{"email":"x@example.com","password_hash":"${text}"}`, admin],
    ];
    for (const [method, path, body, bearer] of requests) {
      expect((await app.http.send(method, path, { body, token: bearer })).status, `${path} ${body}`).toBe(400);
    }
    expect(await app.dataSource.query('SELECT * FROM users')).toEqual(users);
  });

  it.each([...SURROGATES, ...NULS])('%s where a text is compared: refused', async (text) => {
    const requests: [path: string, body: string, token?: string][] = [
      ['/auth/login', `{"email":"${text}","password":"x"}`],
      ['/auth/login', `{"email":"${email}","password":"${text}"}`],
      ['/auth/refresh', `{"refresh_token":"${text}"}`],
      ['/auth/refresh', `{"refresh_token":"csr_${text}"}`],
      ['/auth/password', `{"current_password":"${text}","new_password":"${PASSWORD} 2"}`, token],
    ];
    for (const [path, body, bearer] of requests) {
      expect([400, 401, 403], `${path} ${body}`).toContain((await app.http.post(path, body, { token: bearer })).status);
    }
  });

  it.each(SURROGATES)('%s in a new password: 400', async (text) => {
    for (const password of [text, `${PASSWORD}${text}`]) {
      const change = `{"current_password":"${PASSWORD}","new_password":"${password}"}`;
      expect((await app.http.post('/auth/password', change, { token })).status).toBe(400);
      const account = `{"email":"x@example.com","password":"${password}"}`;
      expect((await app.http.post('/auth/register', account)).status).toBe(400);
    }
  });

  it.each(URL_TEXTS)('%s in a path or a query: a problem of the caller', async (text) => {
    const patterns = `/users/X /users/X/sessions /sessions/X /keys/X.pem /problems/X /X /docs/X /users?search=X
      /clients/X /clients/X/secrets /clients/X/api-keys /clients/X/workload-identities /api-keys/X
      /clients/X/api-keys/X /users/X/api-keys/X /clients?cursor=X
      /users?cursor=X /users?role=X /users?status=X /users?limit=X /users?search[]=X /users?X=X`;
    const paths = patterns.split(/\s+/).map((path) => path.replaceAll('X', text));
    for (const path of paths) {
      for (const method of ['GET', 'DELETE']) {
        const headers = [`Authorization: Bearer ${admin}`];
        const { status, head, body } = await askRaw(app.http.baseUrl, method, path, headers);
        const asked = `${method} ${path.slice(0, 60)} ${body}`;
        expect(status, asked).toBeGreaterThan(0);
        expect(status, asked).toBeLessThan(500);
        if (status >= 400) expect(head, asked).toMatch(/^content-type: application\/problem\+json/im);
        expect(head).not.toMatch(/^X:/m);
      }
    }
  });

  it('odd headers: no failure of ours', async () => {
    const values = ['\xff\xfe', '\t', 'a'.repeat(9_000), "' OR 1=1 --", '\x80', '\xed\xa0\x80', '<script>'];
    const names =
      'User-Agent X-Request-Id Cookie Accept Accept-Encoding If-None-Match Origin Expect Range Upgrade Referer';
    for (const name of names.split(' ')) {
      for (const value of values) {
        const headers = ['Content-Type: application/json', `${name}: ${value}`];
        const login = JSON.stringify({ email, password: PASSWORD });
        const { status, head } = await postRaw(app.http.baseUrl, '/auth/login', login, headers);
        const sent = `${name}: ${value.slice(0, 20)}`;
        expect(status, sent).toBeGreaterThan(0);
        expect(status, sent).toBeLessThan(500);
        expect(head).not.toMatch(/script|1=1/);
      }
    }
    const agents = await app.dataSource.query<{ user_agent: string | null }[]>('SELECT user_agent FROM sessions');
    for (const { user_agent: agent } of agents) expect(agent?.length ?? 0).toBeLessThanOrEqual(256);
  });
});
