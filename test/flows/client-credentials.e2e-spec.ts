import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientView, NewClientSecretView } from '../../src/clients/clients.view.js';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const GRANT = { grant_type: 'client_credentials' };

describe('a service gets a token for itself', () => {
  let app: TestApp;
  let admin: string;
  let orders: ServiceAccount;

  beforeAll(async () => {
    app = await TestApp.start();
    admin = await app.adminToken();
    orders = await ServiceAccount.create(app, admin, {
      scopes: ['orders:read', 'orders:write'],
      audiences: ['api', 'billing'],
      token_ttl: 120,
    });
  });
  afterAll(() => app.close());

  const claimsOf = async (token: string, audience = 'api') => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', app.http.baseUrl));
    const { payload } = await jwtVerify(token, keys, { issuer: 'http://localhost:3000', audience, typ: 'at+jwt' });
    return payload;
  };

  it('that any service verifies by the JWKS', async () => {
    const { status, body, headers } = await orders.send<Record<string, unknown>>('/oauth/token', GRANT);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 120,
      scope: 'orders:read orders:write',
    });
    const claims = await claimsOf(String(body['access_token']));
    expect(claims).toMatchObject({ sub: orders.id, client_id: orders.id, scope: 'orders:read orders:write' });
    for (const absent of ['sid', 'roles', 'email', 'act']) expect(claims).not.toHaveProperty(absent);
    expect(claims.exp! - claims.iat!).toBe(120);
  });

  it('by id and secret in the form as well', async () => {
    const form = { ...GRANT, client_id: orders.id, client_secret: orders.secret };
    expect((await sendForm(app, '/oauth/token', form)).status).toBe(200);
  });

  it('with less than it may have, and for another audience', async () => {
    const { body } = await orders.send('/oauth/token', { ...GRANT, scope: 'orders:read', audience: 'billing' });
    expect(body).toMatchObject({ scope: 'orders:read' });
    expect(await claimsOf(body['access_token']!, 'billing')).toMatchObject({ aud: 'billing', scope: 'orders:read' });
    const both = [
      ['grant_type', 'client_credentials'],
      ['resource', 'api'],
      ['resource', 'billing'],
    ];
    const answer = await sendForm(app, '/oauth/token', both, { authorization: orders.basic });
    expect(await claimsOf(answer.body['access_token']!)).toMatchObject({ aud: ['api', 'billing'] });
  });

  it.each([
    ['more scopes', { scope: 'orders:read admin' }, 'invalid_scope'],
    ['a malformed scope', { scope: 'orders:read  "' }, 'invalid_scope'],
    ['another audience', { audience: 'payroll' }, 'invalid_target'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['no grant', { grant_type: '' }, 'invalid_request', 'The request is not valid: grant_type is required'],
  ])('not for %s', async (_, form, error, description?: string) => {
    const { status, body, headers } = await orders.send('/oauth/token', { ...GRANT, ...form });
    expect({ status, error: body['error'] }).toEqual({ status: 400, error });
    expect(Object.keys(body)).toEqual(['error', 'error_description']);
    if (description) expect(body['error_description']).toBe(description);
    expect(headers.get('content-type')).toContain('application/json');
  });

  it('that opens its own principal and no route of people', async () => {
    const token = await orders.token();
    expect(await app.http.get('/auth/me', { token })).toMatchObject({
      status: 200,
      body: { sub: orders.id, sid: null, client_id: orders.id, roles: [], scopes: ['orders:read', 'orders:write'] },
    });
    for (const path of ['/users/me', '/sessions', '/users', '/clients']) {
      expect(await app.http.get(path, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    const elsewhere = await orders.token({ audience: 'billing' });
    expect(await app.http.get('/auth/me', { token: elsewhere })).toMatchObject({ status: 401 });
  });

  it('that gateways admit by scope and audience', async () => {
    const token = await orders.token({ scope: 'orders:read' });
    const verdict = async (query: string, presented = token) =>
      (await app.http.get(`/gateway/verify${query}`, { token: presented })).status;
    expect(await verdict('')).toBe(200);
    expect(await verdict('?scope=orders:read')).toBe(200);
    expect(await verdict('?scope=orders:write')).toBe(403);
    expect(await verdict('?role=user')).toBe(403);
    const elsewhere = await orders.token({ audience: 'billing' });
    expect(await verdict('', elsewhere)).toBe(401);
    expect(await verdict('?aud=billing', elsewhere)).toBe(200);
    expect(await verdict('?aud=api', elsewhere)).toBe(403);
  });

  it('only while it is known, active and has proven who it is', async () => {
    const refused = (headers: Record<string, string>, form: Record<string, string> = {}) =>
      sendForm(app, '/oauth/token', { ...GRANT, ...form }, headers);
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    const wrong: [Record<string, string>, Record<string, string>?][] = [
      [{}],
      [{}, { client_id: orders.id }],
      [basic(`${orders.id}:css_${'A'.repeat(43)}`)],
      [basic(`svc_${'A'.repeat(16)}:${orders.secret}`)],
      [basic(`web:${orders.secret}`)],
      [basic(orders.id)],
      [{ authorization: 'Basic !' }],
      [{ authorization: `Bearer ${admin}` }],
    ];
    for (const [headers, form] of wrong) {
      const answer = await refused(headers, form);
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
    const twice = await refused({ authorization: orders.basic }, { client_secret: orders.secret });
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it.each(['/oauth/token', '/oauth/introspect', '/oauth/revoke'])(
    '%s: what is refused before the client is asked for is an error of RFC 6749 too',
    async (path) => {
      const faults = [
        await app.http.post(path, {}),
        await sendForm(app, path, { token: 'x'.repeat(70_000) }),
        await sendForm(
          app,
          path,
          Array.from({ length: 200 }, () => ['x', 'y']),
        ),
      ];
      expect(faults.map(({ status }) => status)).toEqual([415, 413, 400]);
      for (const { headers, body } of faults) {
        expect(headers.get('content-type')).toMatch(/^application\/json/);
        expect(body).toEqual({ error: 'invalid_request', error_description: expect.any(String) as string });
      }
      // Where there is no route, nobody has declared another format.
      for (const answer of [await app.http.get(path), await app.http.post(`${path}/nowhere`, {})])
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    },
  );

  it('by a form and nothing else', async () => {
    const json = await app.http.post('/oauth/token', GRANT, { headers: { authorization: orders.basic } });
    expect(json.status).toBe(415);
    const form = await sendForm(app, '/auth/login', { email: 'a@example.com', password: 'x' });
    expect(form).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect((await app.http.post('/oauth/token', '{')).status).toBe(415);
    const doubled = [...Object.entries(GRANT), ...Object.entries(GRANT)];
    const answer = await sendForm(app, '/oauth/token', doubled, { authorization: orders.basic });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('an administrator looks after service accounts', () => {
  let app: TestApp;
  let admin: { token: string };

  beforeAll(async () => {
    app = await TestApp.start();
    admin = { token: await app.adminToken() };
  });
  afterAll(() => app.close());

  const isGood = async (token: string) => (await app.http.get('/auth/me', { token })).status === 200;

  it('lists them page by page', async () => {
    for (let n = 0; n < 3; n++) await ServiceAccount.create(app, admin.token, { name: `Service ${n}` });
    const first = await app.http.get<{ items: ClientView[]; next_cursor: string }>('/clients?limit=2', admin);
    const rest = await app.http.get<{ items: ClientView[]; next_cursor: null }>(
      `/clients?limit=2&cursor=${first.body.next_cursor}`,
      admin,
    );
    expect([...first.body.items, ...rest.body.items].map(({ name }) => name).sort()).toEqual([
      'Service 0',
      'Service 1',
      'Service 2',
    ]);
    expect(rest.body.next_cursor).toBeNull();
    expect(JSON.stringify(first.body)).not.toContain('css_');
    expect((await app.http.get('/clients?cursor=nonsense', admin)).status).toBe(400);
  });

  it('replaces a secret without a gap: the old one expires, and the tokens that it has got live out', async () => {
    const account = await ServiceAccount.create(app, admin.token);
    const path = `/clients/${account.id}/secrets`;
    const token = await account.token();
    const added = await app.http.post<NewClientSecretView>(path, {}, admin);
    const { body } = await app.http.get<{ items: { id: string }[] }>(path, admin);
    const old = `${path}/${body.items.find(({ id }) => id !== added.body.id)!.id}`;
    const expiring = await app.http.patch<{ expires_at: string }>(old, { expires_in: 60 }, admin);
    expect(expiring.status).toBe(200);
    expect(Date.parse(expiring.body.expires_at) - app.clock.now()).toBeLessThanOrEqual(60_000);
    expect((await account.send('/oauth/token', GRANT)).status).toBe(200);
    app.clock.advance(61);
    expect((await account.send('/oauth/token', GRANT)).status).toBe(401);
    expect(await app.http.patch(old, { expires_in: 3600 }, admin)).toMatchObject({ status: 404 });
    expect((await account.send('/oauth/token', GRANT)).status).toBe(401);
    const form = { ...GRANT, client_id: account.id, client_secret: added.body.secret };
    expect((await sendForm(app, '/oauth/token', form)).status).toBe(200);
    expect(await isGood(token)).toBe(true);
    for (const expires_in of [0, -1, 1.5, '60', null, undefined]) {
      expect((await app.http.patch(old, { expires_in }, admin)).status).toBe(400);
    }
    expect((await app.http.patch(`${path}/${randomUUID()}`, { expires_in: 60 }, admin)).status).toBe(404);
    app.clock.advance(-61);
  });

  it('deletes a secret that somebody else knows, and the third waits for one to go', async () => {
    const account = await ServiceAccount.create(app, admin.token);
    const path = `/clients/${account.id}/secrets`;
    const added = await app.http.post<NewClientSecretView>(path, { expires_in: 3600 }, admin);
    expect(added).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^css_[\w-]{43}$/) as string } });
    expect(await app.http.post(path, {}, admin)).toMatchObject({ status: 409, body: { code: 'too_many_secrets' } });
    const listed = await app.http.get<{ items: { id: string }[] }>(path, admin);
    expect(listed.body.items).toHaveLength(2);
    expect(listed.text).not.toContain('css_');
    const token = await account.token();
    expect((await app.http.delete(`${path}/${listed.body.items[0]!.id}`, admin)).status).toBe(204);
    expect(await isGood(token)).toBe(false);
    expect(await account.send('/oauth/token', GRANT)).toMatchObject({ status: 401 });
    const form = { ...GRANT, client_id: account.id, client_secret: added.body.secret };
    expect((await sendForm(app, '/oauth/token', form)).status).toBe(200);
    app.clock.advance(3601);
    expect((await sendForm(app, '/oauth/token', form)).status).toBe(401);
    app.clock.advance(-3601);
  });

  it('disables one: its tokens are refused at once, and it gets no others', async () => {
    const account = await ServiceAccount.create(app, admin.token);
    const token = await account.token();
    expect(await isGood(token)).toBe(true);
    const disabled = await app.http.patch<ClientView>(`/clients/${account.id}`, { status: 'disabled' }, admin);
    expect(disabled).toMatchObject({ status: 200, body: { status: 'disabled' } });
    expect(disabled.headers.get('revocation-seq')).toMatch(/^\d+$/);
    expect(await isGood(token)).toBe(false);
    expect(await account.send('/oauth/token', GRANT)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    await app.http.patch(`/clients/${account.id}`, { status: 'active' }, admin);
    expect(await isGood(await account.token())).toBe(true);
    expect(await isGood(token)).toBe(false);
  });

  it('takes a scope away, and the tokens that state it are refused', async () => {
    const account = await ServiceAccount.create(app, admin.token, { scopes: ['a', 'b'] });
    const token = await account.token();
    await app.http.patch(`/clients/${account.id}`, { scopes: ['a', 'b', 'c'] }, admin);
    expect(await isGood(token)).toBe(true);
    await app.http.patch(`/clients/${account.id}`, { scopes: ['b'] }, admin);
    expect(await isGood(token)).toBe(false);
    expect(await account.send('/oauth/token', GRANT)).toMatchObject({ status: 200, body: { scope: 'b' } });
  });

  it('deletes one', async () => {
    const account = await ServiceAccount.create(app, admin.token);
    const token = await account.token();
    expect((await app.http.delete(`/clients/${account.id}`, admin)).status).toBe(204);
    expect(await isGood(token)).toBe(false);
    expect((await account.send('/oauth/token', GRANT)).status).toBe(401);
    expect((await app.http.get(`/clients/${account.id}`, admin)).status).toBe(404);
  });

  it('hears what is wrong with their settings', async () => {
    for (const body of [
      {},
      { name: 'x', scopes: ['with space'] },
      { name: 'x', audiences: [] },
      { name: 'x', token_ttl: 5 },
      { name: 'x', grant_types: ['password'] },
      { name: 'x', id: 'svc_mine' },
      { name: 'x', jwks: { keys: [] }, jwks_uri: 'https://example.com/jwks' },
    ]) {
      expect(await app.http.post('/clients', body, admin)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
  });
});
