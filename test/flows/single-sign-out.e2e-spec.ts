import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { RelyingParty, Visitor } from '../support/relying-party.js';
import { soon } from './service-process.js';

const HOME = 'https://app.example/';

const endSession = (parameters: Record<string, string>): string =>
  `/oauth/end-session?${new URLSearchParams(parameters).toString()}`;

describe('signing out from an application', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app, { post_logout_redirect_uris: [HOME] });
  });
  afterAll(() => app.close());

  it('with its ID token ends the session of the browser, and with it those of all applications', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const other = await RelyingParty.create(app);
    const first = await party.signIn(visitor, user.email);
    const { location } = await visitor.follow(other.request());
    const second = (await other.redeem(new URL(location!).searchParams.get('code')!)).body;
    const answer = await visitor.follow(
      endSession({ id_token_hint: first.id_token!, post_logout_redirect_uri: HOME, state: 'a b' }),
    );
    expect([answer.status, answer.location]).toEqual([303, `${HOME}?state=a+b`]);
    expect(visitor.session).toBeUndefined();
    for (const { access_token: token } of [first, second]) {
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
    }
    expect((await party.refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await visitor.follow(party.request())).path.split('?')[0]).toBe('/sign-in');
  });

  it('asks the person where nothing proves the application, and then does it', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const tokens = await party.signIn(visitor, user.email);
    const page = await visitor.follow(endSession({ client_id: party.id, post_logout_redirect_uri: HOME }));
    expect(page.text).toContain(user.email);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const fields = Object.fromEntries(
      [...page.text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    const body = new URLSearchParams(fields).toString();
    const answer = await visitor.send('POST', '/sign-out', { headers, body });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, HOME]);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(401);
  });

  it('leads nowhere that the application has not registered', async () => {
    for (const uri of ['https://evil.example/', `${HOME}other`, 'https://app.example']) {
      const answer = await new Visitor(app.http).follow(
        endSession({ client_id: party.id, post_logout_redirect_uri: uri }),
      );
      expect([answer.status, answer.location]).toEqual([200, null]);
      expect(answer.text).toContain('You are signed out');
    }
  });
});

describe('an application with a back-channel', () => {
  let app: TestApp;
  let server: Server;
  let party: RelyingParty;
  const bodies: string[] = [];
  let status = 200;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    party = await RelyingParty.create(app, { backchannel_logout_uri: `http://127.0.0.1:${port}/logout` });
  });
  afterAll(async () => {
    await app.close();
    await new Promise((resolve) => void server.close(resolve));
  });

  const tokenOf = async (body: string) => {
    const jwks = createRemoteJWKSet(new URL(`${app.http.baseUrl}/.well-known/jwks.json`));
    const token = new URLSearchParams(body).get('logout_token')!;
    const expected = { typ: 'logout+jwt', issuer: 'http://localhost:3000', audience: party.id };
    return (await jwtVerify(token, jwks, expected)).payload;
  };

  it.each([
    [
      'the person signs out',
      async (visitor: Visitor) =>
        visitor.send('POST', '/auth/logout', { headers: { origin: 'http://localhost:3000' } }),
    ],
    [
      'an administrator signs the user out everywhere',
      async (_: Visitor, id: string) => app.http.delete(`/users/${id}/sessions`, { token: await app.adminToken() }),
    ],
    [
      'the user is disabled',
      async (_: Visitor, id: string) =>
        app.http.patch(`/users/${id}`, { status: 'disabled' }, { token: await app.adminToken() }),
    ],
    [
      'the user is deleted',
      async (_: Visitor, id: string) => app.http.delete(`/users/${id}`, { token: await app.adminToken() }),
    ],
  ])('is told when %s', async (_, end) => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    const tokens = await party.signIn(visitor, user.email);
    const { sid } = decodeToken<{ sid: string }>(tokens.access_token).claims;
    bodies.length = 0;
    expect((await end(visitor, user.id)).status).toBeLessThan(300);
    expect(await soon(() => Promise.resolve(bodies.length === 1))).toBe(true);
    const claims = await tokenOf(bodies[0]!);
    expect(claims).toMatchObject({
      sub: user.id,
      sid,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(claims).not.toHaveProperty('nonce');
  });

  it('is told again until it accepts, by the same message', async () => {
    const user = await app.createUser();
    const visitor = new Visitor(app.http);
    await party.signIn(visitor, user.email);
    bodies.length = 0;
    status = 503;
    await visitor.send('POST', '/auth/logout');
    expect(await soon(() => Promise.resolve(bodies.length === 1))).toBe(true);
    status = 204;
    await app.dataSource.query(`UPDATE outbox_messages SET due_at = now() WHERE kind = 'backchannel-logout'`);
    expect(await soon(() => Promise.resolve(bodies.length === 2))).toBe(true);
    const [first, second] = [await tokenOf(bodies[0]!), await tokenOf(bodies[1]!)];
    expect(second.jti).toBe(first.jti);
    const left = async () => (await app.dataSource.query('SELECT id FROM outbox_messages')) as unknown[];
    expect(await soon(async () => (await left()).length === 0)).toBe(true);
  });
});
