import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import { ofUnknownKey } from '../attacks/forged-token.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { ExtAuthzClient, type Asked } from '../support/ext-authz-client.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { freePort } from '../system/support/free-port.js';

const NOBODY = {
  'x-auth-subject': '',
  'x-auth-actor': '',
  'x-auth-session': '',
  'x-auth-client': '',
  'x-auth-roles': '',
  'x-auth-scope': '',
  'x-auth-email': '',
};
const PREFLIGHT = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };

describe('Envoy asks for a verdict by gRPC', () => {
  let app: TestApp;
  let envoy: ExtAuthzClient;
  let token: string;
  beforeAll(async () => {
    const port = await freePort();
    app = await TestApp.start({
      EXT_AUTHZ_PORT: String(port),
      SIGN_IN_URL: 'https://app.example.com/sign-in',
      LOG_LEVEL: 'info',
    });
    envoy = new ExtAuthzClient(port);
    const { tokens } = await app.signedInUser({ email: 'möwe+1@example.com', roles: ['user', 'orders:approver'] });
    token = tokens.access_token;
  });
  afterAll(async () => {
    envoy.close();
    await app.close();
  });

  const ask = (asked: Asked = {}, question: Record<string, string> = {}) => envoy.ask({ token, ...asked }, question);

  it('and hears who it is: seven headers, each in place of what the client sent', async () => {
    const { allowed, headers, headersToRemove, raw } = await ask();
    const { body } = await app.http.get<{ sub: string; sid: string }>('/auth/me', { token });
    expect([allowed, headersToRemove]).toEqual([true, []]);
    expect(headers).toEqual({
      'x-auth-subject': body.sub,
      'x-auth-actor': '',
      'x-auth-session': body.sid,
      'x-auth-client': 'web',
      'x-auth-roles': 'user,orders:approver',
      'x-auth-scope': '',
      'x-auth-email': 'm%C3%B6we%2B1@example.com',
    });
    // OVERWRITE_IF_EXISTS_OR_ADD, also for an Envoy that only knows `append`.
    for (const { append, appendAction } of raw.okResponse!.headers) {
      expect([append, appendAction]).toEqual([{ value: false }, 2]);
    }
  });

  it('and hears which forgeries to remove', async () => {
    const forged = ['x_auth_subject', 'x.auth.roles', 'x-auth_email', 'x-auth-else', 'x-auth-subject'];
    const headers = Object.fromEntries([...forged, 'x-author', 'cookie'].map((name) => [name, 'forged']));
    expect((await ask({ headers })).headersToRemove).toEqual(forged.slice(0, 4));
  });

  it('and hears 401 with a challenge and a problem where there is no identity', async () => {
    const nothing = await ask({ token: undefined, headers: { 'x-request-id': 'from-envoy-1' } });
    expect([nothing.allowed, nothing.status, nothing.raw.status.code]).toEqual([false, 401, 16]);
    expect(nothing.headers).toEqual({
      'www-authenticate': 'Bearer',
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(nothing.body).toMatchObject({ code: 'token_missing', status: 401, request_id: 'from-envoy-1' });
    for (const bad of ['x', `${token}x`, token.slice(0, -1), 'a'.repeat(12_000)]) {
      const { status, headers } = await ask({ token: bad });
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer error="invalid_token"']);
    }
  });

  it('and hears 401 as soon as the session has ended', async () => {
    const { tokens } = await app.signedInUser();
    expect((await ask({ token: tokens.access_token })).allowed).toBe(true);
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    const { allowed, status, headers } = await ask({ token: tokens.access_token });
    expect([allowed, status, headers['www-authenticate']]).toEqual([
      false,
      401,
      'Bearer error="invalid_token", error_description="revoked"',
    ]);
  });

  it.each<[Record<string, string>, number]>([
    [{ role: 'user' }, 200],
    [{ role: 'user orders:approver', aud: 'api' }, 200],
    [{ role: 'admin' }, 403],
    [{ role: 'user admin' }, 403],
    [{ role: 'user,orders:approver' }, 403],
    [{ scope: 'orders:read' }, 403],
    [{ aud: 'orders' }, 403],
    [{ aud: 'api orders' }, 403],
    [{ rol: 'user' }, 403],
    [{ Role: 'user' }, 403],
    [{ role: '' }, 403],
    [{ role: 'user ' }, 403],
    [{ for: '/orders' }, 403],
    [{ preflight: 'yes' }, 403],
    [{ on_denied: '302' }, 403],
    [{ constructor: 'x' }, 403],
  ])('with the question of its route: %j is %d', async (question, status) => {
    const verdict = await ask({}, question);
    expect([verdict.status, verdict.allowed]).toEqual([status, status === 200]);
  });

  it('and is told what is wrong with its question, in the log as well', async () => {
    const before = app.logLines.length;
    expect((await ask()).allowed).toBe(true);
    expect(app.logLines.slice(before)).toEqual([]);
    const { body } = await ask({}, { rol: 'admin' });
    expect(body).toMatchObject({ code: 'no_verdict', detail: 'there is no parameter `rol`' });
    expect(app.logLines.slice(before).join('')).toContain('no_verdict');
  });

  it('of which the client writes no part', async () => {
    const path = '/orders?role=user&preflight=allow&on_denied=redirect';
    expect((await ask({ path }, { role: 'admin' })).status).toBe(403);
    const page = { accept: 'text/html', 'x-envoy-auth-role': 'user', role: 'user' };
    expect((await ask({ path, headers: page, token: undefined })).status).toBe(401);
    expect((await ask({ path, method: 'OPTIONS', headers: PREFLIGHT, token: undefined })).status).toBe(401);
  });

  it('and lets preflights pass as nobody, where the route says so', async () => {
    const preflight = { method: 'OPTIONS', headers: PREFLIGHT, token: undefined };
    const passed = await ask(preflight, { preflight: 'allow', role: 'admin' });
    expect([passed.allowed, passed.headers]).toEqual([true, NOBODY]);
    expect((await ask(preflight, {})).status).toBe(401);
    const forged = { ...PREFLIGHT, 'x-forwarded-method': 'OPTIONS', ':method': 'OPTIONS' };
    for (const method of ['GET', 'POST']) {
      expect((await ask({ method, headers: forged, token: undefined }, { preflight: 'allow' })).status).toBe(401);
    }
  });

  it('and sends browsers to the sign-in page, where the route says so', async () => {
    const page = { headers: { accept: 'text/html', 'x-forwarded-uri': '/forged' }, path: '/orders?page=2' };
    const redirect = await ask({ ...page, token: undefined }, { on_denied: 'redirect' });
    expect([redirect.allowed, redirect.status, redirect.headers]).toEqual([
      false,
      302,
      { location: 'https://app.example.com/sign-in?return_to=%2Forders%3Fpage%3D2', 'cache-control': 'no-store' },
    ]);
    expect((await ask({ ...page, token: undefined })).status).toBe(401);
    expect((await ask({ ...page, method: 'POST', token: undefined }, { on_denied: 'redirect' })).status).toBe(401);
    expect((await ask(page, { on_denied: 'redirect', role: 'admin' })).status).toBe(403);
  });

  it('and hears that two credentials are none', async () => {
    for (const authorization of [
      `Bearer ${token},Bearer ${token}`,
      `Bearer ${token}, Bearer x`,
      `Bearer ${token},`,
      `,Bearer ${token}`,
    ]) {
      const { status, body } = await ask({ token: undefined, headers: { authorization } });
      expect([authorization, status, body['code']]).toEqual([authorization, 403, 'no_verdict']);
    }
    const proofs = { authorization: `Bearer ${token}`, dpop: 'a.b.c,d.e.f' };
    expect((await ask({ token: undefined, headers: proofs })).status).toBe(403);
  });

  it('and never an error of gRPC, whatever is missing or cannot be read', async () => {
    const headers = { authorization: `Bearer ${token}` };
    for (const request of [
      {},
      { attributes: {} },
      { attributes: { request: {} } },
      { attributes: { request: { http: {} } } },
      { attributes: { request: { http: { headers } } } },
      { attributes: { request: { http: { headers, method: 'GET' } } } },
      { attributes: { request: { http: { headers, path: '/' } } } },
    ]) {
      const { status, deniedResponse } = await envoy.check(request);
      expect([request, status.code, deniedResponse?.status.code]).toEqual([request, 7, 403]);
    }
    for (const bytes of [[0xff], [0x0a, 0x7f, 0x01], [0x0b, 0x0b], [0x0a, 0x03, 0x22, 0x01, 0x12]]) {
      const { status, deniedResponse } = await envoy.checkBytes(Buffer.from(bytes));
      expect([bytes, status.code, deniedResponse?.status.code]).toEqual([bytes, 7, 403]);
    }
  });

  it('as often as it likes, and never one answer for another', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => ask(i % 2 ? {} : { token: undefined }).then(({ status }) => status)),
    );
    expect(answers).toEqual(Array.from({ length: 300 }, (_, i) => (i % 2 ? 200 : 401)));
  });
});

describe('Envoy asks while the database is away', () => {
  it('and hears 403 where nobody can know, as soon as nobody can', async () => {
    const database = await createDatabase();
    const proxy = await TcpProxy.start(database.url);
    const port = await freePort();
    const app = await TestApp.start({ DATABASE_URL: proxy.url, EXT_AUTHZ_PORT: String(port) }, { patient: false });
    const envoy = new ExtAuthzClient(port);
    try {
      const { tokens } = await app.signedInUser();
      const token = tokens.access_token;
      const unknownKey = ofUnknownKey(token);
      expect((await envoy.ask({ token: unknownKey })).status).toBe(401);
      await app.app.get(RevocationService).catchUp();
      await proxy.cut();
      expect((await envoy.ask({ token })).status).toBe(200);
      const { status, headers, body } = await envoy.ask({ token: unknownKey });
      expect([status, headers['www-authenticate'], body['code']]).toEqual([403, undefined, 'no_verdict']);
    } finally {
      envoy.close();
      await proxy.mend();
      await app.close();
      await proxy.stop();
      await database.drop();
    }
  });
});

describe('a gRPC port that is taken', () => {
  it('is named when the service starts', async () => {
    const app = await TestApp.start();
    const taken = new URL(app.http.baseUrl).port;
    try {
      await expect(TestApp.start({ EXT_AUTHZ_PORT: taken })).rejects.toThrow(/EXT_AUTHZ_PORT cannot be opened/);
    } finally {
      await app.close();
    }
  });
});
