import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { EXCHANGE, exchanged } from '../support/token-exchange.js';

type Introspection = Record<string, unknown>;
const PATH = '/oauth/introspect';
const SIGNED = 'application/token-introspection+jwt';

describe('a service asks whether a token is good', () => {
  let app: TestApp;
  let user: User;
  let tokens: TokenResponse;
  let api: ServiceAccount;
  let billing: ServiceAccount;
  let admin: string;
  /** Asks by access tokens. */
  let reporter: ServiceAccount;

  beforeAll(async () => {
    app = await TestApp.start();
    admin = await app.adminToken();
    ({ user, tokens } = await app.signedInUser());
    api = await ServiceAccount.create(app, admin, { served_audiences: ['api'] });
    reporter = await ServiceAccount.create(app, admin, {
      scopes: ['introspect', 'orders:read'],
      audiences: ['api', 'billing'],
      served_audiences: ['api'],
    });
    billing = await ServiceAccount.create(app, admin, {
      scopes: ['orders:read', 'orders:write'],
      audiences: ['api', 'billing', 'payroll'],
    });
  });
  afterAll(() => app.close());

  const ask = async (asker: ServiceAccount, token: string): Promise<Introspection> => {
    const { status, body } = await asker.send<Introspection>(PATH, { token });
    expect(status).toBe(200);
    return body;
  };

  it('of a user, and hears all that it states', async () => {
    const { status, body, headers } = await api.send<Introspection>(PATH, { token: tokens.access_token });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toContain('application/json');
    const { exp, iat, jti, sid, ...rest } = body;
    expect(rest).toEqual({
      active: true,
      iss: 'http://localhost:3000',
      sub: user.id,
      aud: 'api',
      client_id: 'web',
      username: user.email,
      token_type: 'Bearer',
      roles: ['user'],
    });
    expect(Number(exp) - Number(iat)).toBe(600);
    expect(sid).toMatch(/^[\w-]{22}$/);
    expect(jti).toMatch(/^[\w-]{12}$/);
  });

  it('of another service, for one audience or several', async () => {
    const token = await billing.token({ audience: 'api', scope: 'orders:read' });
    expect(await ask(api, token)).toMatchObject({ active: true, sub: billing.id, scope: 'orders:read', aud: 'api' });
    const answer = await sendForm(
      app,
      '/oauth/token',
      [
        ['grant_type', 'client_credentials'],
        ['audience', 'billing'],
        ['audience', 'api'],
      ],
      { authorization: billing.basic },
    );
    expect(await ask(api, answer.body['access_token']!)).toMatchObject({ active: true, aud: ['billing', 'api'] });
  });

  it('of its own, whomever that is meant for', async () => {
    const token = await billing.token({ audience: 'payroll' });
    expect(await ask(billing, token)).toMatchObject({ active: true, client_id: billing.id, aud: 'payroll' });
    expect(await ask(api, token)).toEqual({ active: false });
  });

  it('and it is not, once the session has ended', async () => {
    const { tokens: other } = await app.signedInUser();
    expect(await ask(api, other.access_token)).toMatchObject({ active: true });
    await app.http.post('/auth/logout', undefined, { token: other.access_token });
    expect(await ask(api, other.access_token)).toEqual({ active: false });
  });

  it('nor once it has expired', async () => {
    const token = await billing.token({ audience: 'api' });
    expect(await ask(api, token)).toMatchObject({ active: true });
    app.clock.advance(601);
    expect(await ask(api, token)).toEqual({ active: false });
    app.clock.advance(-601);
  });

  it('in a form that it can keep as evidence (RFC 9701)', async () => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', app.http.baseUrl));
    for (const [token, active] of [
      [tokens.access_token, true],
      ['nonsense', false],
    ] as const) {
      const headers = { authorization: api.basic, accept: SIGNED };
      const { status, headers: answered, text } = await sendForm(app, PATH, { token }, headers);
      expect(status).toBe(200);
      expect(answered.get('content-type')).toBe(SIGNED);
      expect(answered.get('cache-control')).toBe('no-store');
      expect(answered.get('vary')).toBe('Accept');
      expect(decodeProtectedHeader(text)).toMatchObject({ typ: 'token-introspection+jwt', alg: 'ES256' });
      const { payload } = await jwtVerify(text, keys, { issuer: 'http://localhost:3000', audience: api.id });
      expect(Object.keys(payload)).toEqual(['iss', 'aud', 'iat', 'token_introspection']);
      const plain = await ask(api, token);
      expect(plain['active']).toBe(active);
      expect(payload['token_introspection']).toEqual(plain);
    }
  });

  it('only after it has proven who it is, and about a token', async () => {
    const { access_token: token } = tokens;
    const nobody = await sendForm(app, PATH, { token, client_id: 'web' });
    expect(nobody).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await api.send(PATH, {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const json = await app.http.post(PATH, { token }, { headers: { authorization: api.basic } });
    expect(json.status).toBe(415);
    expect((await app.http.get(`${PATH}?token=${token}`, { headers: { authorization: api.basic } })).status).toBe(405);
  });

  it('by an access token of its own, as well as by a secret', async () => {
    const { access_token: token } = tokens;
    const own = await reporter.token({ scope: 'introspect' });
    const by = (bearer: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      sendForm<Introspection>(app, PATH, { token, ...form }, { authorization: `Bearer ${bearer}`, ...headers });
    const answer = await by(own);
    expect(answer).toMatchObject({ status: 200, body: { active: true, sub: user.id } });
    expect(answer.body).toEqual(await ask(reporter, token));
    expect((await by(own, { client_id: reporter.id })).status).toBe(200);
    // What it is told does not depend on how it asks.
    const foreign = await billing.token({ audience: 'payroll' });
    expect((await by(own, { token: foreign })).body).toEqual({ active: false });
    expect((await by(own, {}, { accept: SIGNED })).headers.get('content-type')).toBe(SIGNED);
  });

  it('by an access token that is good, its own, and for that', async () => {
    const { access_token: token } = tokens;
    const send = (bearer: string, form: Record<string, string> = {}) =>
      sendForm(app, PATH, { token, ...form }, { authorization: `Bearer ${bearer}` });
    const revoked = await ServiceAccount.create(app, admin, { scopes: ['introspect'], served_audiences: ['api'] });
    const lost = await revoked.token();
    await app.http.patch(`/clients/${revoked.id}`, { status: 'disabled' }, { token: admin });
    const delegate = await ServiceAccount.create(app, admin, {
      scopes: ['introspect'],
      grant_types: [EXCHANGE],
      served_audiences: ['api'],
    });
    const insufficient = {
      'without the scope': await reporter.token({ scope: 'orders:read' }),
      'of a person': token,
      'of a service for a person': await exchanged(delegate, token, { scope: 'introspect' }),
      'meant for another service': await reporter.token({ scope: 'introspect', audience: 'billing' }),
      'of an account that was disabled': lost,
      'of nobody': `${token.slice(0, -4)}AAAA`,
    };
    for (const [name, bearer] of Object.entries(insufficient)) {
      const answer = await send(bearer);
      // RFC 7662 2.3.
      expect([name, answer.status, answer.body['error']]).toEqual([name, 401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    }
    const own = await reporter.token({ scope: 'introspect' });
    for (const form of [{ client_secret: reporter.secret }, { client_id: billing.id }] as Record<string, string>[]) {
      expect(await send(own, form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
  });

  it('where the service says it can be asked', async () => {
    const { body } = await app.http.get<Introspection>('/.well-known/oauth-authorization-server');
    expect(body).toMatchObject({
      introspection_endpoint: 'http://localhost:3000/oauth/introspect',
      introspection_endpoint_auth_methods_supported: expect.arrayContaining(['Bearer', 'DPoP']) as string[],
      introspection_signing_alg_values_supported: ['ES256'],
      revocation_endpoint: 'http://localhost:3000/oauth/revoke',
    });
  });
});
