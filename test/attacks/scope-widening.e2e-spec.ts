import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

describe('asking for more than a client may have', () => {
  let app: TestApp;
  let account: ServiceAccount;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const admin = await app.adminToken();
    account = await ServiceAccount.create(app, admin, {
      scopes: ['orders:read', 'Orders:read'],
      audiences: ['billing', 'api'],
    });
  });
  afterAll(() => app.close());

  const ask = (...form: [string, string][]) =>
    sendForm(app, '/oauth/token', [['grant_type', 'client_credentials'], ...form], { authorization: account.basic });
  const claimsOf = (token: string) => decodeToken(token).claims;

  it.each([
    'admin',
    'orders:write',
    'orders:read orders:write',
    'orders:*',
    '*',
    'orders',
    'ORDERS:READ',
    'orders:read\u00a0admin',
    'orders:read\tadmin',
    'orders:read,orders:read',
    'orders:read ',
    ' orders:read',
    'orders:read  Orders:read',
    'orders:read\u0000',
    'orders:read"',
    'constructor',
    '__proto__',
  ])('not by the scope %j', async (scope) => {
    expect(await ask(['scope', scope])).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it.each(['payroll', 'API', 'api payroll', 'api  billing', 'api,billing', 'https://api', 'api\u0000', ' api', '*'])(
    'not by the audience %j',
    async (audience) => {
      for (const name of ['audience', 'resource']) {
        expect(await ask([name, audience])).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
      }
    },
  );

  it('not by naming a parameter twice', async () => {
    const twice = await ask(['scope', 'orders:read'], ['scope', 'admin']);
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await ask(['audience', 'api'], ['audience', 'payroll'])).toMatchObject({
      body: { error: 'invalid_target' },
    });
    expect(await ask(['audience', 'api'], ['resource', 'payroll'])).toMatchObject({
      body: { error: 'invalid_target' },
    });
  });

  it('not by stating claims', async () => {
    const forged: [string, string][] = [
      'sub',
      'client',
      'scopes',
      'roles',
      'subject',
      'audiences',
      'lifetime',
      'exp',
    ].map((name) => [name, 'admin']);
    const { status, body } = await ask(...forged, ['scope', 'orders:read orders:read']);
    expect({ status, scope: body['scope'] }).toEqual({ status: 200, scope: 'orders:read' });
    const claims = claimsOf(body['access_token']!);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub']);
    expect(claims).toMatchObject({ sub: account.id, client_id: account.id, aud: 'billing', scope: 'orders:read' });
  });

  it('not by a role that a scope is named after', async () => {
    const { body } = await ask(['audience', 'api']);
    const verdict = (query: string) => app.http.get(`/gateway/verify?${query}`, { token: body['access_token']! });
    expect((await verdict('scope=orders:read')).status).toBe(200);
    for (const query of ['role=orders:read', 'scope=orders', 'scope=orders:read%20admin', 'aud=billing']) {
      expect((await verdict(query)).status).toBe(403);
    }
  });
});
