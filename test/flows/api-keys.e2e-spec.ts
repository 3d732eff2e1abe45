import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeysView, NewApiKeyView } from '../../src/api-keys/api-keys.view.js';
import { clientKey, personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { API_KEY } from '../../src/oauth/token-exchange/api-key.reader.js';
import { decodeToken } from '../support/decode-token.js';
import { ServiceAccount } from '../support/service-account.js';
import { exchange, EXCHANGE, exchanged } from '../support/token-exchange.js';

describe('a service that can send a key and no more', () => {
  let app: TestApp;
  let admin: { token: string };
  let orders: ServiceAccount;
  beforeAll(async () => {
    app = await TestApp.start();
    admin = { token: await app.adminToken() };
    orders = await ServiceAccount.create(app, admin.token, {
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

  it('is admitted by it, and services get a token to verify', async () => {
    const { id, api_key, expires_at } = await clientKey(app, admin.token, orders.id, { scopes: ['orders:read'] });
    expect(api_key).toMatch(/^cs_key_[\w-]{64}[0-9A-Za-z]{6}$/);
    expect(expires_at).toBeNull();
    const answer = await verdictOn(app.http, api_key, '?scope=orders:read');
    expect(answer.status).toBe(200);
    const claims = await claimsOf(tokenIn(answer));
    expect(claims).toMatchObject({ sub: orders.id, client_id: id, scope: 'orders:read', aud: 'api' });
    for (const absent of ['sid', 'roles', 'email']) expect(claims).not.toHaveProperty(absent);
    // As long as those of its service account.
    expect(claims.exp! - claims.iat!).toBe(120);
    expect((await verdictOn(app.http, api_key, '?scope=orders:write')).status).toBe(403);
  });

  it('for the audiences that its key has, as the gateway asks', async () => {
    const { api_key } = await clientKey(app, admin.token, orders.id, { audiences: ['billing'] });
    expect((await verdictOn(app.http, api_key)).status).toBe(401);
    const answer = await verdictOn(app.http, api_key, '?aud=billing');
    expect(await claimsOf(tokenIn(answer), 'billing')).toMatchObject({ aud: 'billing' });
    expect((await verdictOn(app.http, api_key, '?aud=api')).status).toBe(403);
  });

  it('with no more than its service account has, now and later', async () => {
    const account = await ServiceAccount.create(app, admin.token, { scopes: ['a', 'b'], audiences: ['api', 'x'] });
    const path = `/clients/${account.id}/api-keys`;
    for (const more of [{ scopes: ['a', 'c'] }, { audiences: ['api', 'y'] }]) {
      const answer = await app.http.post(path, { name: 'Export', ...more }, admin);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    const both = await clientKey(app, admin.token, account.id, { scopes: ['a', 'b'], audiences: ['api', 'x'] });
    const lost = await clientKey(app, admin.token, account.id, { audiences: ['x'] });
    const before = tokenIn(await verdictOn(app.http, both.api_key));
    await app.http.patch(`/clients/${account.id}`, { scopes: ['b'], audiences: ['api'] }, admin);
    expect((await verdictOn(app.http, before)).status).toBe(401);
    const claims = await claimsOf(tokenIn(await verdictOn(app.http, both.api_key)));
    expect(claims).toMatchObject({ scope: 'b', aud: 'api' });
    expect((await verdictOn(app.http, lost.api_key, '?aud=x')).status).toBe(401);
  });

  it('until the key or the service account ends', async () => {
    const account = await ServiceAccount.create(app, admin.token);
    const path = `/clients/${account.id}/api-keys`;
    const [one, two] = [
      await clientKey(app, admin.token, account.id),
      await clientKey(app, admin.token, account.id, { expires_in: 3600 }),
    ];
    const list = await app.http.get<ApiKeysView>(path, admin);
    expect(list.body.items.map(({ id }) => id)).toEqual([one.id, two.id]);
    expect(list.text).not.toContain('cs_key_');
    const ofKey = tokenIn(await verdictOn(app.http, one.api_key));
    const deleted = await app.http.delete(`${path}/${one.id}`, admin);
    expect([deleted.status, Number(deleted.headers.get('revocation-seq')) > 0]).toEqual([204, true]);
    for (const credential of [one.api_key, ofKey]) {
      expect((await verdictOn(app.http, credential)).status).toBe(401);
    }
    expect((await app.http.delete(`${path}/${one.id}`, admin)).status).toBe(404);
    // The other key and the secret of the account are as good as before.
    expect((await verdictOn(app.http, two.api_key)).status).toBe(200);
    expect((await verdictOn(app.http, await account.token())).status).toBe(200);
    await app.http.patch(`/clients/${account.id}`, { status: 'disabled' }, admin);
    expect((await verdictOn(app.http, two.api_key)).status).toBe(401);
    await app.http.patch(`/clients/${account.id}`, { status: 'active' }, admin);
    expect((await verdictOn(app.http, two.api_key)).status).toBe(200);
    app.clock.advance(3601);
    expect((await verdictOn(app.http, two.api_key)).status).toBe(401);
    app.clock.advance(-3601);
    await app.http.delete(`/clients/${account.id}`, admin);
    expect((await verdictOn(app.http, two.api_key)).status).toBe(401);
    expect((await app.http.get(path, admin)).status).toBe(404);
  });

  it('an owner has fifty keys at most, and one that has expired makes room', async () => {
    const { user, tokens } = await app.signedInUser();
    const create = (body: object = {}) =>
      app.http.post<NewApiKeyView>('/api-keys', { name: 'One of many', ...body }, { token: tokens.access_token });
    expect((await create({ expires_in: 60 })).status).toBe(201);
    // However many ask at the same time.
    const answers = await Promise.all(Array.from({ length: 55 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(49);
    expect(await create()).toMatchObject({ status: 409, body: { code: 'too_many_api_keys' } });
    app.clock.advance(61);
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(409);
    app.clock.advance(-61);
    const list = await app.http.get<ApiKeysView>(`/users/${user.id}/api-keys`, {
      token: await app.adminToken(),
    });
    expect(list.body.items).toHaveLength(50);
  });

  it('keys that are dead are noise: after a while they hear no verdict, and good ones go on', async () => {
    const { tokens } = await app.signedInUser();
    const dead = await personalToken(app, tokens.access_token);
    const good = await personalToken(app, tokens.access_token);
    await app.http.delete(`/api-keys/${dead.id}`, { token: tokens.access_token });
    const statuses = new Set<number>();
    for (let n = 0; n < 70; n++) statuses.add((await verdictOn(app.http, dead.api_key)).status);
    expect([...statuses]).toEqual([401, 403]);
    const silenced = await verdictOn(app.http, dead.api_key);
    expect(silenced).toMatchObject({ status: 403, body: { code: 'no_verdict' } });
    expect(Number(silenced.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await verdictOn(app.http, good.api_key)).status).toBe(200);
  });
});

describe('a service that is called with a key', () => {
  let app: TestApp;
  let admin: { token: string };
  let orders: ServiceAccount;
  beforeAll(async () => {
    app = await TestApp.start({ PERSONAL_TOKEN_SCOPES: 'invoices:read,invoices:write' });
    admin = { token: await app.adminToken() };
    orders = await ServiceAccount.create(app, admin.token, {
      grant_types: ['client_credentials', EXCHANGE],
      scopes: ['invoices:read', 'ledger:read'],
      audiences: ['api', 'billing'],
      served_audiences: ['api'],
    });
  });
  afterAll(() => app.close());

  const typed = { subject_token_type: API_KEY };
  const claimsOf = (token: string) => decodeToken(token).claims;

  it('exchanges it for a token with which it acts for its owner (RFC 8693)', async () => {
    const { user, tokens } = await app.signedInUser();
    const key = await personalToken(app, tokens.access_token, { scopes: ['invoices:read', 'invoices:write'] });
    const { status, body } = await exchange(orders, key.api_key, typed);
    expect([status, body['scope']]).toEqual([200, 'invoices:read']);
    expect(claimsOf(body['access_token']!)).toMatchObject({
      sub: user.id,
      client_id: orders.id,
      act: { sub: orders.id, act: { sub: key.id } },
      scope: 'invoices:read',
    });
    expect(claimsOf(body['access_token']!)).not.toHaveProperty('roles');
    const own = await clientKey(app, admin.token, (await ServiceAccount.create(app, admin.token)).id);
    expect((await exchange(orders, own.api_key, typed)).status).toBe(200);
  });

  it('which ends with the key, by whichever way it came', async () => {
    const { tokens } = await app.signedInUser();
    const key = await personalToken(app, tokens.access_token);
    const ofKey = tokenIn(await verdictOn(app.http, key.api_key));
    const acting = [await exchanged(orders, key.api_key, typed), await exchanged(orders, ofKey)];
    acting.push(await exchanged(orders, acting[0]!));
    for (const token of acting) expect((await verdictOn(app.http, token)).status).toBe(200);
    expect((await app.http.delete(`/api-keys/${key.id}`, { token: tokens.access_token })).status).toBe(204);
    for (const token of acting) {
      expect(await verdictOn(app.http, token)).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    }
    for (const [subject, form] of [[key.api_key, typed], [ofKey]] as const) {
      const answer = await exchange(orders, subject, form);
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(answer.text).not.toContain(subject);
    }
  });

  it('but not what is no key, nor a key that is meant for others', async () => {
    const { tokens } = await app.signedInUser();
    const key = await personalToken(app, tokens.access_token);
    const account = await ServiceAccount.create(app, admin.token, { audiences: ['billing'] });
    const others = await clientKey(app, admin.token, account.id);
    for (const [subject, form] of [
      [`${key.api_key.slice(0, -1)}!`, typed],
      [tokens.access_token, typed],
      [others.api_key, typed],
      [key.api_key, {}],
    ] as const) {
      expect(await exchange(orders, subject, form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
    expect((await exchange(orders, key.api_key, typed)).status).toBe(200);
  });
});
