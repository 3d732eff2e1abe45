import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { speak } from './raw-connection.js';

const ALLOWED = 'https://app.example.com';
const EVERYWHERE = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

describe('every answer', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    const environment = { RATE_LIMITS: 'false', CORS_ORIGINS: `${ALLOWED}, https://admin.example.com` };
    app = await TestApp.start({ PUBLIC_URL: 'https://auth.example.com', ...environment });
    token = (await app.signedInUser()).tokens.access_token;
  });
  afterAll(() => app.close());

  const preflight = (origin: string, path = '/auth/login') =>
    app.http.send('OPTIONS', path, {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });

  it.each([
    [200, () => app.http.get('/auth/me', { token })],
    [201, () => app.http.post('/auth/register', { email: 'headers@example.com', password: PASSWORD })],
    [204, () => app.http.post('/auth/logout', { refresh_token: 'x' })],
    [304, async () => app.http.get('/.well-known/jwks.json', { headers: { 'if-none-match': await etag() } })],
    [400, () => app.http.post('/auth/login', {})],
    [400, () => app.http.get('/%zz')],
    [401, () => app.http.get('/auth/me')],
    [403, () => app.http.get('/users', { token })],
    [404, () => app.http.get('/nowhere')],
    [413, () => app.http.post('/auth/login', 'x'.repeat(70_000))],
    [415, () => app.http.post('/auth/login', 'x', { headers: { 'content-type': 'text/plain' } })],
    [204, () => preflight(ALLOWED)],
    [204, () => preflight('https://evil.example.com')],
  ])('of status %i carries the security headers and the request id, and no banner', async (status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    const { headers } = answer;
    expect(Object.fromEntries(Object.keys(EVERYWHERE).map((name) => [name, headers.get(name)]))).toEqual(EVERYWHERE);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
  });

  const etag = async () => (await app.http.get('/.well-known/jwks.json')).headers.get('etag')!;

  it('to what cannot be read carries them too', async () => {
    const { head } = await speak(app.http.baseUrl, 'no HTTP\r\n\r\n');
    for (const [name, value] of Object.entries(EVERYWHERE))
      expect(head.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}`);
    expect(head).toMatch(/\r\nx-request-id: [\w-]{8,64}/i);
    expect(head).not.toMatch(/\r\n(server|x-powered-by):/i);
  });

  it('of the API is stored nowhere; documents may be', async () => {
    for (const path of ['/auth/me', '/users/me', '/sessions', '/health/live', '/health/ready', '/nowhere', '/users']) {
      expect((await app.http.get(path, { token })).headers.get('cache-control')).toBe('no-store');
    }
    for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration', '/problems/not_found']) {
      expect((await app.http.get(path)).headers.get('cache-control')).toBe('public, max-age=300');
    }
  });

  it('may be read by the listed origins, and by no other', async () => {
    for (const origin of [ALLOWED, 'https://admin.example.com']) {
      const { headers } = await app.http.get('/auth/me', { token, headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('vary')).toContain('Origin');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
    }
    for (const origin of [
      'https://evil.example',
      'http://app.example.com',
      `${ALLOWED}.evil.example`,
      `${ALLOWED}:444`,
      'null',
    ]) {
      const { headers } = await app.http.get('/auth/me', { token, headers: { origin } });
      expect([origin, headers.get('access-control-allow-origin')]).toEqual([origin, null]);
    }
  });

  it('to a preflight names what is allowed, to listed origins alone', async () => {
    const allowed = await preflight(ALLOWED);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, PATCH, DELETE');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, DPoP, X-Request-Id');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a request', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());
  const server = (): Server => app.app.getHttpServer();
  const limits = { headers: 0, request: 0 };
  beforeAll(() => Object.assign(limits, { headers: server().headersTimeout, request: server().requestTimeout }));
  afterEach(() => Object.assign(server(), { headersTimeout: limits.headers, requestTimeout: limits.request }));

  it('may be at most 64 kB long, and JSON in any of its spellings', async () => {
    const pad = (size: number) => JSON.stringify({ refresh_token: '' }).replace('""', `"${'x'.repeat(size - 20)}"`);
    expect(pad(65_536)).toHaveLength(65_536);
    expect((await app.http.post('/auth/refresh', pad(65_536))).status).toBe(400);
    expect((await app.http.post('/auth/refresh', pad(65_537))).status).toBe(413);
    for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
      const answer = await app.http.post(
        '/auth/refresh',
        { refresh_token: 'x' },
        { headers: { 'content-type': type } },
      );
      expect(answer.status).toBe(401);
    }
  });

  it('from any origin gets no CORS headers where none is listed', async () => {
    const { headers } = await app.http.get('/health/live', { headers: { origin: ALLOWED } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const { headers: preflight } = await app.http.send('OPTIONS', '/auth/login', { headers: { origin: ALLOWED } });
    expect(preflight.get('access-control-allow-origin')).toBeNull();
  });

  it.each([
    ['whose headers never end', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    [
      'whose body never comes',
      'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('%s is closed within 30 s', async (_, beginning) => {
    // The sweep for late requests comes every 2 s, on top of the limits.
    expect(limits.headers).toBeGreaterThan(0);
    expect(limits.headers).toBeLessThanOrEqual(28_000);
    expect(limits.request).toBeGreaterThan(0);
    expect(limits.request).toBeLessThanOrEqual(28_000);
    Object.assign(server(), { headersTimeout: 200, requestTimeout: 300 });
    const { head, body } = await speak(app.http.baseUrl, beginning);
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(body)).toMatchObject({ code: 'request_timeout', status: 408 });
  });
});
