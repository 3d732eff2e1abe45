import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { DpopKey } from '../support/dpop-key.js';
import { ServiceAccount } from '../support/service-account.js';

const APP = 'https://app.example.com';
const ID = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';

describe.each([
  ['without CORS', {}],
  ['with CORS', { CORS_ORIGINS: APP }],
])('a method that a path does not have, %s', (_, environment) => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', ...environment })));
  afterAll(() => app.close());

  it.each([
    ['GET', '/auth/login', 'OPTIONS, POST'],
    ['PUT', '/auth/me', 'GET, HEAD, OPTIONS'],
    ['HEAD', '/auth/login', 'OPTIONS, POST'],
    ['POST', '/users/me', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['PUT', `/users/${ID}`, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['GET', `/sessions/${ID}`, 'DELETE, OPTIONS'],
    ['GET', '/api-keys/revoke-leaked', 'OPTIONS, POST'],
    ['DELETE', '/.well-known/jwks.json', 'GET, HEAD, OPTIONS'],
    ['GET', '/oauth/token?grant_type=x', 'OPTIONS, POST'],
    ['PROPFIND', '/problems/not_found', 'GET, HEAD, OPTIONS'],
    ['POST', '/keys/a.pem', 'GET, HEAD, OPTIONS'],
  ])('%s %s: 405, and Allow', async (method, path, allow) => {
    const { status, headers, body } = await app.http.send<{ code: string }>(method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(body.code).toBe('method_not_allowed');
  });

  it.each([
    ['GET', '/nowhere'],
    ['PUT', '/users/me/x'],
    ['PUT', '/auth'],
    ['DELETE', '/auth/login/'],
    ['POST', '/AUTH/ME'],
    ['GET', `/sessions/${ID}/x`],
    ['OPTIONS', '/nowhere'],
  ])('%s %s: there is nothing', async (method, path) => {
    const { status, headers, body } = await app.http.send(method, path);
    expect([status, headers.get('allow'), body]).toMatchObject([404, null, { code: 'not_found' }]);
  });

  it('OPTIONS says which methods there are', async () => {
    for (const headers of [{}, { origin: APP }, { 'access-control-request-method': 'POST' }]) {
      const answer = await app.http.send('OPTIONS', '/users', { headers: headers as Record<string, string> });
      expect([answer.status, answer.headers.get('allow'), answer.text]).toEqual([204, 'GET, HEAD, OPTIONS, POST', '']);
    }
  });

  it('what is closed is as closed as before', async () => {
    for (const [method, path] of [
      ['GET', '/users'],
      ['DELETE', `/users/${ID}`],
      ['PATCH', '/users/me'],
    ] as const)
      expect(await app.http.send(method, path)).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    for (const method of ['OPTIONS', 'PUT', 'PROPFIND'])
      expect((await app.http.send(method, '/gateway/verify')).status).toBe(401);
  });
});

describe('a token that does not suffice', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', REVOCATION_FEED: 'token' });
    admin = await app.adminToken();
  });
  afterAll(() => app.close());

  const challengeTo = async (path: string, headers: Record<string, string>) => {
    const answer = await app.http.get(path, { headers });
    expect(answer.status, path).toBe(403);
    // Where our own API is described, which discovery.e2e-spec.ts looks at.
    return answer.headers.get('www-authenticate')?.replace(/, resource_metadata="[^"]+"$/, '');
  };

  it('of a person hears so, by any scheme (RFC 6750 3.1)', async () => {
    const { tokens, user } = await app.signedInUser();
    const authorization = `Bearer ${tokens.access_token}`;
    for (const path of ['/users', '/clients', '/gateway/verify?role=admin'])
      expect(await challengeTo(path, { authorization })).toBe('Bearer error="insufficient_scope"');
    const key = await DpopKey.create(app);
    const bound = (await key.login(user.email)).access_token;
    const dpop = await key.proof('GET', '/users', bound);
    expect(await challengeTo('/users', { authorization: `DPoP ${bound}`, dpop })).toMatch(
      /^DPoP error="insufficient_scope", algs="ES256 /,
    );
  });

  it('of a service hears which scopes it needs', async () => {
    const service = await ServiceAccount.create(app, admin, { scopes: ['other'] });
    const authorization = `Bearer ${await service.token()}`;
    expect(await challengeTo('/revocations/snapshot', { authorization })).toBe(
      'Bearer error="insufficient_scope", scope="revocations:read"',
    );
    expect(await challengeTo('/gateway/verify?scope=orders:read%20other', { authorization })).toBe(
      'Bearer error="insufficient_scope", scope="orders:read other"',
    );
    expect(await challengeTo('/gateway/verify/x?scope=a%22%0d%0aX:%20y', { authorization })).toBe(
      'Bearer error="insufficient_scope"',
    );
    expect(await challengeTo('/users/me', { authorization })).toBe('Bearer error="insufficient_scope"');
  });
});
