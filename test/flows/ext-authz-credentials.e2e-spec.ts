import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeysView } from '../../src/api-keys/api-keys.view.js';
import { personalToken } from '../support/api-keys.js';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { DpopKey } from '../support/dpop-key.js';
import { ExtAuthzClient, type Asked, type Verdict } from '../support/ext-authz-client.js';
import { freePort } from '../system/support/free-port.js';

const PUBLIC_URL = 'https://auth.example.com';
const NAME = '__Host-countersign';
const EMAIL = 'alice@example.com';
const SHOP = 'https://shop.example.com';

describe('Envoy asks by gRPC about somebody', () => {
  let app: TestApp;
  let envoy: ExtAuthzClient;
  let token: string;
  let sub: string;
  let browser: Browser;
  let session: string;
  beforeAll(async () => {
    const port = await freePort();
    app = await TestApp.start({ PUBLIC_URL, EXT_AUTHZ_PORT: String(port), RATE_LIMITS: 'false' });
    envoy = new ExtAuthzClient(port);
    const { user, tokens } = await app.signedInUser({ email: EMAIL });
    [sub, token] = [user.id, tokens.access_token];
    browser = new Browser(app.http);
    session = `${NAME}=${await browser.signIn(EMAIL, PASSWORD)}`;
  });
  afterAll(async () => {
    envoy.close();
    await app.close();
  });

  const withCookie = (cookie: string, asked: Asked = {}) =>
    envoy.ask({ ...asked, headers: { cookie, ...asked.headers } });

  /** What the token states that goes on to the service. */
  const tokenOf = async ({ allowed, headers }: Verdict) => {
    expect(allowed).toBe(true);
    const keys = createRemoteJWKSet(new URL(`${app.http.baseUrl}/.well-known/jwks.json`));
    const jwt = /^Bearer (\S+)$/.exec(headers['authorization']!)![1]!;
    return (await jwtVerify(jwt, keys, { issuer: PUBLIC_URL, audience: 'api', typ: 'at+jwt' })).payload;
  };

  it('with a cookie, and hears the token that the service gets in its place', async () => {
    const verdict = await withCookie(session);
    expect(await tokenOf(verdict)).toMatchObject({ sub, client_id: 'web', email: EMAIL });
    expect(verdict.headers['x-auth-subject']).toBe(sub);
    expect(verdict.headersToRemove).toEqual(['cookie']);
  });

  it.each([
    [(cookie: string) => `theme=dark; ${cookie}; lang=de`, 'theme=dark; lang=de'],
    [(cookie: string) => `${cookie};theme=dark`, 'theme=dark'],
  ])('and the service gets the other cookies, and never that one (%#)', async (among, left) => {
    const verdict = await withCookie(among(session));
    await tokenOf(verdict);
    expect([verdict.headers['cookie'], verdict.headersToRemove]).toEqual([left, []]);
    // Also where another credential speaks, and the cookie is of no account.
    const byToken = await withCookie(among(`${NAME}=x`), { token });
    expect([byToken.headers['authorization'], byToken.headers['cookie']]).toEqual([undefined, left]);
  });

  it('and leaves cookies alone where there is nothing to hide', async () => {
    const { headers, headersToRemove } = await withCookie('theme=dark; lang=de', { token });
    expect([headers['cookie'], headersToRemove]).toEqual([undefined, []]);
  });

  it('and a cookie is worth nothing from the logout on', async () => {
    const leaving = new Browser(app.http);
    const cookie = `${NAME}=${await leaving.signIn(EMAIL, PASSWORD)}`;
    expect((await withCookie(cookie)).allowed).toBe(true);
    await leaving.post('/auth/logout');
    expect((await withCookie(cookie)).status).toBe(401);
  });

  it.each<[Asked, number]>([
    [{ method: 'POST', headers: {} }, 403],
    [{ method: 'POST', headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }, 403],
    [{ method: 'POST', headers: { origin: 'https://evil.example', 'x-forwarded-method': 'GET' } }, 403],
    [{ method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } }, 200],
    [{ method: 'POST', headers: { origin: PUBLIC_URL } }, 200],
    [{ headers: { 'sec-fetch-site': 'cross-site' } }, 200],
    [{ headers: { upgrade: 'websocket', origin: 'https://evil.example' } }, 403],
    [{ headers: { upgrade: 'websocket', origin: PUBLIC_URL } }, 200],
  ])('with a cookie and %j: %d', async (asked, status) => {
    const verdict = await withCookie(session, asked);
    expect([verdict.status, verdict.body['code']]).toEqual([status, status === 403 ? 'csrf_refused' : undefined]);
    expect((await withCookie(session, { ...asked, token })).status).toBe(200);
  });

  it('with an API key, whose owner sees from where it was used', async () => {
    const { id, api_key: key } = await personalToken(app, token);
    const lastUse = async () => {
      const { body } = await app.http.get<ApiKeysView>('/api-keys', { token });
      return body.items.find((item) => item.id === id)!.last_used_address;
    };
    const verdict = await envoy.ask({ token: key, address: '2001:db8::7' });
    expect(await tokenOf(verdict)).toMatchObject({ sub, client_id: id });
    expect(await lastUse()).toBe('2001:db8::7');
    await app.http.delete(`/api-keys/${id}`, { token });
    expect((await envoy.ask({ token: key })).status).toBe(401);
  });

  it.each([undefined, '', '/run/envoy.sock', 'shop.example.com'])('from %j, which is no address', async (address) => {
    const { id, api_key: key } = await personalToken(app, token);
    await tokenOf(await envoy.ask({ token: key, ...(address !== undefined && { address }) }));
    const { body } = await app.http.get<ApiKeysView>('/api-keys', { token });
    expect(body.items.find((item) => item.id === id)!.last_used_address).toBe('unknown');
  });

  it('whose session then says from where it was used', async () => {
    const elsewhere = new Browser(app.http);
    const cookie = `${NAME}=${await elsewhere.signIn(EMAIL, PASSWORD)}`;
    expect((await withCookie(cookie, { address: '203.0.113.9' })).allowed).toBe(true);
    const { body } = await elsewhere.get<{ items: { current: boolean; address: string }[] }>('/sessions');
    expect(body.items.find(({ current }) => current)!.address).toBe('203.0.113.9');
  });

  it('with a bound token, whose proof speaks of the request that Envoy states', async () => {
    const key = await DpopKey.create({ http: app.http, clock: app.clock, publicUrl: PUBLIC_URL });
    const { access_token: bound } = await key.login(EMAIL);
    const ask = (dpop: string, headers: Record<string, string> = {}) =>
      envoy.ask({ headers: { authorization: `DPoP ${bound}`, dpop, ...headers } });
    const proof = await key.proof('GET', `${SHOP}/orders`, bound);
    const { allowed, headers } = await ask(proof);
    // The client's own travels on.
    expect([allowed, headers['x-auth-subject'], headers['authorization']]).toEqual([true, sub, undefined]);
    const again = await ask(proof);
    expect([again.status, again.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^DPoP .*error="invalid_dpop_proof"/),
    ]);
    for (const [method, url] of [
      ['POST', `${SHOP}/orders`],
      ['GET', `${SHOP}/admin`],
      ['GET', 'http://shop.example.com/orders'],
      ['GET', 'https://other.example/orders'],
    ] as const) {
      const forged = { 'x-forwarded-host': 'other.example', 'x-forwarded-uri': '/admin', 'x-forwarded-proto': 'http' };
      expect((await ask(await key.proof(method, url, bound), forged)).status).toBe(401);
    }
    expect((await envoy.ask({ token: bound })).status).toBe(401);
  });
});
