import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/platform/config/config.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const SECRET = 'aGFsZiBhIGRvemVuIGVnZ3MsIHR3byBsZW1vbnMsIDEga2cgZmxvdXI=';
const FOREIGN_SECRET_KEY = 'Zm91ciB0aW1lcyBhIHllYXIgdGhlIHRpZGUgY29tZXMgdXAgdG8gdGhlIHdhbGw=';

/** A first administrator's tokens, from a service that is closed again: passport's strategies are of the process. */
async function tokensOfAnotherService(environment: Environment): Promise<TokenResponse> {
  const other = await TestApp.start(environment);
  try {
    return (await other.signedInAdmin()).tokens;
  } finally {
    await other.close();
  }
}

describe('presenting one kind of token as another', () => {
  let app: TestApp;
  let email: string;
  let tokens: TokenResponse;
  let deviceCookie: string;

  beforeAll(async () => {
    app = await TestApp.start();
    email = (await app.createUser({ roles: ['admin', 'user'] })).email;
    const login = await app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
    tokens = login.body;
    deviceCookie = /^[^=]+=([^;]+)/.exec(login.headers.getSetCookie()[0]!)![1]!;
  });
  afterAll(() => app.close());
  afterEach(async () => {
    expect((await app.http.get('/users', { token: tokens.access_token })).status).toBe(200);
    expect(await app.dataSource.query('SELECT generation FROM sessions')).toEqual([{ generation: 0 }]);
  });

  const GUARDED = ['/auth/me', '/users/me', '/sessions', '/users'];

  it('a refresh token opens no route', async () => {
    const { refresh_token: token } = tokens;
    for (const path of GUARDED) {
      expect(await app.http.get(path, { token })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
      const scheme = await app.http.get(path, { headers: { authorization: token } });
      expect(scheme).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    }
  });

  it('an access token refreshes nothing, whole or in part', async () => {
    const { access_token: token } = tokens;
    const parts = [
      token,
      `csr_${token}`,
      ...token.split('.'),
      ...token.split('.').map((part) => `csr_${part}`.slice(0, 74)),
    ];
    for (const refresh_token of parts) {
      const { status, text } = await app.http.post('/auth/refresh', { refresh_token });
      expect([400, 401]).toContain(status);
      expect(text).not.toContain('access_token"');
    }
  });

  it('neither token ends a session in the place of the other', async () => {
    const asRefresh = await app.http.post('/auth/logout', { refresh_token: tokens.access_token });
    expect(asRefresh.status).toBe(400);
    const asAccess = await app.http.post<{ code: string }>('/auth/logout', undefined, { token: tokens.refresh_token });
    expect(asAccess).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
  });

  it('a device cookie is no token of any kind', async () => {
    const forms = [deviceCookie, `csr_${deviceCookie}`, `countersign-device=${deviceCookie}`];
    for (const token of forms) {
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
      const refresh = await app.http.post<{ code: string }>('/auth/refresh', { refresh_token: token });
      expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
      // RFC 7009 2.2: what is no token of ours ends nothing, without an error.
      expect((await app.http.post('/auth/logout', { refresh_token: token })).status).toBe(204);
    }
    for (const path of [...GUARDED, '/auth/logout']) {
      const headers = { cookie: `countersign-device=${deviceCookie}` };
      const method = path === '/auth/logout' ? 'POST' : 'GET';
      expect(await app.http.send(method, path, { headers })).toMatchObject({
        status: 401,
        body: { code: 'token_missing' },
      });
    }
    const headers = { cookie: `countersign-device=${deviceCookie}` };
    expect((await app.http.post('/auth/login', { email, password: 'wrong password' }, { headers })).status).toBe(401);
    expect((await app.http.post('/auth/login', { email, password: deviceCookie }, { headers })).status).toBe(401);
  });

  it('a refresh token in a cookie or a query refreshes nothing', async () => {
    const { refresh_token: token } = tokens;
    const headers = { cookie: `refresh_token=${token}`, authorization: `Bearer ${token}` };
    expect((await app.http.post('/auth/refresh', {}, { headers })).status).toBe(400);
    expect((await app.http.post(`/auth/refresh?refresh_token=${token}`, {})).status).toBe(400);
    expect((await app.http.get(`/auth/refresh?refresh_token=${token}`)).status).toBe(405);
  });
});

describe('presenting the tokens of another service', () => {
  const shared = { JWT_ALG: 'HS256', JWT_SECRET: SECRET };
  const services: { name: string; environment: Environment }[] = [
    {
      name: 'another issuer with the same HMAC secret',
      environment: { ...shared, PUBLIC_URL: 'http://localhost:3001' },
    },
    { name: 'another audience with the same HMAC secret', environment: { ...shared, JWT_AUDIENCE: 'billing' } },
    {
      name: 'the same names with another HMAC secret',
      environment: { JWT_ALG: 'HS256', JWT_SECRET: FOREIGN_SECRET_KEY },
    },
    { name: 'the same names with keys and secrets of its own', environment: { SECRET_KEY: FOREIGN_SECRET_KEY } },
  ];
  const foreign = new Map<string, TokenResponse>();
  let app: TestApp;

  beforeAll(async () => {
    for (const { name, environment } of services) foreign.set(name, await tokensOfAnotherService(environment));
    app = await TestApp.start(shared);
  });
  afterAll(() => app.close());

  it.each(services)('$name: refused', async ({ name }) => {
    const { access_token: token, refresh_token } = foreign.get(name)!;
    for (const path of ['/auth/me', '/users']) {
      expect(await app.http.get(path, { token })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    }
    const logout = await app.http.post<{ code: string }>('/auth/logout', undefined, { token });
    expect(logout).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    const refresh = await app.http.post<{ code: string }>('/auth/refresh', { refresh_token });
    expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  });

  it('while its own are accepted', async () => {
    const { tokens } = await app.signedInAdmin();
    expect((await app.http.get('/users', { token: tokens.access_token })).status).toBe(200);
    expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
  });
});
