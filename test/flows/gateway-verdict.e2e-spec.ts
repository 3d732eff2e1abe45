import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/common/errors.js';
import { TestApp } from '../support/create-app.js';
import type { Answer, RequestOptions } from '../support/http-client.js';
import { askRaw, sendRaw } from '../attacks/raw-http.js';

const IDENTITY = ['subject', 'actor', 'session', 'client', 'roles', 'scope', 'email'].map((name) => `x-auth-${name}`);
const PREFLIGHT = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };

const identityOf = ({ headers }: Answer<unknown>) =>
  Object.fromEntries(IDENTITY.map((name) => [name, headers.get(name)]));
const NOBODY = Object.fromEntries(IDENTITY.map((name) => [name, '']));

describe('a gateway asks for a verdict', () => {
  let app: TestApp;
  let token: string;
  let claims: { sub: string; sid: string; email: string };
  beforeAll(async () => {
    app = await TestApp.start({
      CORS_ORIGINS: 'https://app.example.com',
      TRUSTED_PROXIES: '127.0.0.1/32',
      SIGN_IN_URL: 'https://app.example.com/sign-in',
    });
    const { tokens } = await app.signedInUser({ email: 'möwe+1@example.com', roles: ['user', 'orders:approver'] });
    token = tokens.access_token;
    claims = (await app.http.get<typeof claims>('/auth/me', { token })).body;
  });
  afterAll(() => app.close());

  const verify = (query = '', options: RequestOptions = { token }, method = 'GET') =>
    app.http.send<{ code: string; detail?: string }>(method, `/gateway/verify${query}`, options);

  it('and hears who it is: 200, all six headers, nothing to store', async () => {
    const answer = await verify();
    expect([answer.status, answer.text, answer.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
    expect(identityOf(answer)).toEqual({
      'x-auth-subject': claims.sub,
      'x-auth-actor': '',
      'x-auth-session': claims.sid,
      'x-auth-client': 'web',
      'x-auth-roles': 'user,orders:approver',
      'x-auth-scope': '',
      'x-auth-email': 'm%C3%B6we%2B1@example.com',
    });
    expect(decodeURIComponent(answer.headers.get('x-auth-email')!)).toBe(claims.email);
  });

  it('and hears 401 with a challenge where there is no identity (RFC 6750 3)', async () => {
    const nothing = await verify('', {});
    expect([nothing.status, nothing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const basic = await verify('', { headers: { authorization: 'Basic YTpi' } });
    expect([basic.status, basic.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    for (const bad of ['x', `${token}x`, token.slice(0, -1), 'a'.repeat(12_000)]) {
      const { status, headers } = await verify('', { token: bad });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    }
    expect((await verify(`?access_token=${token}`, {})).status).toBe(403);
  });

  it('and hears 401 as soon as the session has ended', async () => {
    const { tokens } = await app.signedInUser();
    expect((await verify('', { token: tokens.access_token })).status).toBe(200);
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    const { status, headers } = await verify('', { token: tokens.access_token });
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token", error_description="revoked"',
    ]);
  });

  it.each([
    ['?role=user', 200],
    ['?role=user&role=orders:approver&aud=api', 200],
    ['?role=admin', 403],
    ['?role=user&role=admin', 403],
    ['?scope=orders:read', 403],
    ['?aud=orders', 403],
    ['?aud=api&aud=orders', 403],
    ['?rol=user', 403],
    ['?role=', 403],
    ['?role=user&for=/orders?page=2', 200],
    ['?role=admin&for=/orders?role=user', 403],
    ['?for=/orders?preflight=allow&x=%zz', 200],
    ['/orders/1?page=2', 200],
    ['/?rol=x', 200],
    ['/orders?role=admin', 403],
  ])('which requires %s, and hears %d', async (query, status) => {
    expect((await verify(query)).status).toBe(status);
    // A requirement says nothing about whom there is none of.
    expect((await verify(query, {})).status).toBe(query.includes('rol=user') || query === '?role=' ? 403 : 401);
  });

  it('and is told what is wrong with its question', async () => {
    const { body } = await verify('?rol=admin');
    expect(body).toMatchObject({ code: 'no_verdict', detail: 'there is no parameter `rol`' });
  });

  it('by any method, on any sub-path', async () => {
    for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
      for (const path of [
        '/gateway/verify',
        '/gateway/verify/',
        '/gateway/verify/a/b?c=d',
        '/gateway/verify/%2e%2e/%2F//;x',
      ]) {
        const allowed = await askRaw(app.http.baseUrl, method, path, [`Authorization: Bearer ${token}`]);
        expect([method, path, allowed.status]).toEqual([method, path, 200]);
        expect([method, path, (await askRaw(app.http.baseUrl, method, path)).status]).toEqual([method, path, 401]);
      }
    }
  });

  it('with whatever body: it is not read, and not waited for', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json' },
      { 'content-type': 'x' },
    ]) {
      const options = { token, headers, body: '{'.repeat(200_000) };
      expect((await verify('', options, 'POST')).status).toBe(200);
      expect((await verify('', { ...options, token: undefined }, 'PUT')).status).toBe(401);
    }
    const start = ['POST /gateway/verify HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`];
    const stalled = await sendRaw(app.http.baseUrl, [...start, 'Content-Length: 1000']);
    expect(stalled.status).toBe(200);
    const chunked = await sendRaw(app.http.baseUrl, [...start, 'Transfer-Encoding: chunked']);
    expect(chunked.status).toBe(200);
  });

  it('as often as it likes: there is no limit on verdicts', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => verify('', {})));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  });

  describe('on a preflight', () => {
    it('which passes as nobody, where the gateway says so', async () => {
      const own = await verify('?preflight=allow', { headers: PREFLIGHT }, 'OPTIONS');
      expect([own.status, identityOf(own)]).toEqual([200, NOBODY]);
      const forwarded = await verify('?preflight=allow', {
        headers: { ...PREFLIGHT, 'x-forwarded-method': 'OPTIONS' },
      });
      expect([forwarded.status, identityOf(forwarded)]).toEqual([200, NOBODY]);
      expect(own.headers.get('access-control-allow-origin')).toBeNull();
    });

    it.each([
      ['which is not let in', '', 'OPTIONS', PREFLIGHT, 401],
      ['that is none: POST', '?preflight=allow', 'POST', PREFLIGHT, 401],
      [
        'that is none: POST, forged',
        '?preflight=allow',
        'POST',
        { ...PREFLIGHT, 'x-forwarded-method': 'OPTIONS' },
        401,
      ],
      ['that is none: no origin', '?preflight=allow', 'OPTIONS', { 'access-control-request-method': 'PUT' }, 401],
      [
        'that is none: forwarded twice',
        '?preflight=allow',
        'GET',
        { ...PREFLIGHT, 'x-forwarded-method': 'OPTIONS, GET' },
        401,
      ],
      ['that the client lets in', '/x?preflight=allow', 'OPTIONS', PREFLIGHT, 401],
      ['that the client lets in behind the gateway', '?for=/x?&preflight=allow', 'OPTIONS', PREFLIGHT, 401],
    ])('%s', async (_, query, method, headers, status) => {
      expect((await verify(query, { headers }, method)).status).toBe(status);
    });
  });

  describe('that carries redirects', () => {
    const page = ['Accept: text/html', 'X-Forwarded-Method: GET', 'X-Forwarded-Uri: /orders?page=2'];
    const ask = (query: string, headers: string[]) =>
      askRaw(app.http.baseUrl, 'GET', `/gateway/verify${query}`, headers);

    it('and gets one to the sign-in page, with the way back', async () => {
      const { status, head } = await ask('?on_denied=redirect', page);
      expect(status).toBe(302);
      expect(head).toMatch(/\r\nlocation: https:\/\/app\.example\.com\/sign-in\?return_to=%2Forders%3Fpage%3D2\r\n/i);
      expect(head).toMatch(/\r\ncache-control: no-store\r\n/i);
    });

    it.each([
      ['who did not open a page', '?on_denied=redirect', ['Accept: application/json']],
      ['who fetches', '?on_denied=redirect', [...page, 'Sec-Fetch-Mode: cors']],
      ['who posts', '?on_denied=redirect', ['Accept: text/html', 'X-Forwarded-Method: POST']],
      ['where it does not ask for it', '', page],
      ['where only the client does', '/x?on_denied=redirect', page],
    ])('but none for one %s', async (_, query, headers) => expect((await ask(query, headers)).status).toBe(401));

    it('but none for whom signing in does not help', async () => {
      const headers = [...page, `Authorization: Bearer ${token}`];
      expect((await ask('?on_denied=redirect&role=admin', headers)).status).toBe(403);
    });
  });

  // nginx makes 500 of every other status.
  it('and never hears another status than 200, 401 and 403, whatever is wrong', async () => {
    const url = app.http.baseUrl;
    const bearer = `Authorization: Bearer ${token}`;
    const broken: [string, Promise<{ status: number }>][] = [
      ['a URL that cannot be decoded', askRaw(url, 'GET', '/gateway/verify/%zz', [bearer])],
      ['a target in absolute form', askRaw(url, 'GET', 'http://x/gateway/verify?nothing=1', [bearer])],
      ['two tokens', askRaw(url, 'GET', '/gateway/verify', [bearer, bearer])],
      ['two hosts', askRaw(url, 'GET', '/gateway/verify', ['Host: other', bearer])],
      ['no host', sendRaw(url, ['GET /gateway/verify HTTP/1.1', bearer])],
      ['an unknown method', askRaw(url, 'BREW', '/gateway/verify', [bearer])],
      ['a header that is none', askRaw(url, 'GET', '/gateway/verify', [bearer, 'no header'])],
      ['a header too large', askRaw(url, 'GET', '/gateway/verify/x', [bearer, `X-Large: ${'x'.repeat(20_000)}`])],
      ['two lengths', askRaw(url, 'POST', '/gateway/verify', [bearer, 'Content-Length: 1', 'Content-Length: 2'])],
      ['an expectation', askRaw(url, 'GET', '/gateway/verify?nothing=1', [bearer, 'Expect: the-unexpected'])],
      ['a long path', askRaw(url, 'GET', `/gateway/verify/${'x'.repeat(9_000)}?role=nobody`, [bearer])],
    ];
    for (const [what, answer] of broken) expect([what, (await answer).status]).toEqual([what, 403]);
    expect(ERRORS.no_verdict.status).toBe(403);
  });

  it('answers what asks to become a WebSocket like everything else', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    expect((await sendRaw(app.http.baseUrl, ['GET /gateway/verify HTTP/1.1', 'Host: x', ...upgrade])).status).toBe(401);
  });

  it('and is refused what would have to be looked up for a token that carries no roles', async () => {
    await app.close();
    app = await TestApp.start({ ACCESS_TOKEN_ROLES: 'false', ACCESS_TOKEN_EMAIL: 'false' });
    const { tokens } = await app.signedInAdmin();
    const answer = await verify('', { token: tokens.access_token });
    expect(identityOf(answer)).toMatchObject({ 'x-auth-roles': '', 'x-auth-email': '' });
    expect((await verify('?role=admin', { token: tokens.access_token })).status).toBe(403);
  });
});

describe('a gateway that is not a trusted proxy', () => {
  let app: TestApp;
  beforeAll(
    async () => void (app = await TestApp.start({ SIGN_IN_URL: 'https://app.example.com/sign-in', LOG_LEVEL: 'info' })),
  );
  afterAll(() => app.close());

  it('is not believed what it forwards', async () => {
    const preflight = { headers: { ...PREFLIGHT, 'x-forwarded-method': 'OPTIONS' } };
    expect((await app.http.get('/gateway/verify?preflight=allow', preflight)).status).toBe(401);
    const page = ['Accept: text/html', 'X-Forwarded-Uri: /orders'];
    const { head } = await askRaw(app.http.baseUrl, 'GET', '/gateway/verify?on_denied=redirect', page);
    expect(head).toMatch(/\r\nlocation: https:\/\/app\.example\.com\/sign-in\r\n/i);
  });

  it('fills no log by asking, but finds its mistakes there', async () => {
    const { tokens } = await app.signedInUser();
    const before = app.logLines.length;
    const ask = (query: string) => app.http.send('POST', `/gateway/verify${query}`, { token: tokens.access_token });
    expect((await ask('')).status).toBe(200);
    expect(app.logLines.slice(before)).toEqual([]);
    expect((await ask('?rol=admin')).status).toBe(403);
    expect(app.logLines.slice(before).join('')).toContain('no_verdict');
  });
});
