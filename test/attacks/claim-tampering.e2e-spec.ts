import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openApiOf } from '../../src/app.setup.js';
import { TestApp } from '../support/create-app.js';
import { type DecodedToken, decodeToken } from '../support/decode-token.js';
import { ServiceAccount } from '../support/service-account.js';
import { forge, ownSigner } from './forged-token.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SERVICE = 'svc_AAAAAAAAAAAAAAAA';
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

/** What other signers state, and this service never does: every one of them is in form a text, a list or an object. */
const ODD: Record<string, unknown[]> = {
  sub: ['a\0b', 'x'.repeat(4000), 'alice', '0199F3A0-5C1E-7C3A-9F64-2F6F3C1D8B7A', '\ud800', SERVICE, "' OR 1=1 --"],
  sid: ['a\0', 'x'.repeat(4000), 'AAAAAAAAAAAAAAAAAAAAAB', '\ud800'],
  client_id: ['a\0', 'x'.repeat(4000), '\ud800', '\r\nX-Auth-Roles: admin'],
  jti: ['a\0', 'x'.repeat(4000), 'short', '\ud800'],
  roles: [['a\0'], ['x'.repeat(4000)], ['\ud800'], ['two words'], ['user', '\n']],
  scope: ['a\0', ' a', 'a  b', 'a\nb', '\u00e9', '\ud800'],
  email: ['a\0@example.com', `${'x'.repeat(4000)}@example.com`, '\ud800@example.com'],
  act: [{ sub: 'a\0' }, { sub: 'x'.repeat(4000) }, { sub: 'alice' }, { sub: SERVICE, act: { sub: '\ud800' } }],
  cnf: [{ jkt: `${JKT.slice(0, -1)}J` }, { jkt: JKT, x5t: JKT }, { 'x5t#S256': JKT }],
  aud: [
    ['api', 'a\0'],
    ['api', 'x'.repeat(4000)],
    ['api', '\ud800'],
  ],
  status: [
    { status_list: { idx: 0, uri: 'https://elsewhere.example/status-lists/0' } },
    { status_list: { idx: 0, uri: '\0' } },
  ],
};

/** Whatever the signature says: a library would let several of these pass. */
// With HS256, whoever verifies can sign.
describe.each([
  ['ES256', {}],
  ['HS256', { JWT_ALG: 'HS256', JWT_SECRET: 'Wm9vbSBpbiBhbmQgb3V0IG9mIGl0IGFsbCwgMzIgYnl0ZXM=' }],
])('claims that this service would never state, under its own signature (%s)', (_alg, environment) => {
  let app: TestApp;
  let opened: DecodedToken;
  const now = () => app.clock.seconds();

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', ...environment });
    opened = decodeToken((await app.signedInUser()).tokens.access_token);
  });
  afterAll(() => app.close());

  const present = async (claims: unknown) => {
    const token = forge(opened.header, claims, ownSigner(app));
    const { status, body } = await app.http.get<{ code?: string }>('/auth/me', { token });
    return body.code ?? status;
  };
  const changed = (changes: Record<string, unknown>) => present({ ...opened.claims, ...changes });
  const spelled = (name: string, value: string) => {
    const text = JSON.stringify({ ...opened.claims, [name]: 0 });
    return present(text.replace(`"${name}":0`, `"${name}":${value}`));
  };

  afterEach(async () => {
    expect(await present(opened.claims)).toBe(200);
    // A fresh token of the longest life allowed stands, so that what is refused below is refused for its own fault.
    expect(await changed({ iat: now() - 1, exp: now() + 3599 })).toBe(200);
  });

  it.each(['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id'])('are refused without %s', async (name) => {
    const { [name]: _, ...rest } = opened.claims;
    expect(await present(rest)).toBe('token_invalid');
    for (const value of [null, true, {}, [], '']) expect(await changed({ [name]: value })).toBe('token_invalid');
  });

  it('open nothing of a person without a session, or where a service acts for them', async () => {
    for (const sid of [null, true, {}, [], '']) expect(await changed({ sid })).toBe('token_invalid');
    const { sid: _, ...withoutSession } = opened.claims;
    for (const claims of [withoutSession, { ...opened.claims, act: { sub: SERVICE } }]) {
      const token = forge(opened.header, { ...claims, scope: 'admin users:read', roles: ['admin'] }, ownSigner(app));
      for (const path of ['/users/me', '/sessions', '/users']) {
        expect(await app.http.get(path, { token })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      }
      expect(await app.http.delete('/users/me', { token })).toMatchObject({ status: 403 });
      expect(await app.http.post('/auth/logout', undefined, { token })).toMatchObject({ status: 401 });
    }
  });

  it.each([
    '1e400',
    '-1e400',
    '1e308',
    '9007199254740993',
    '1.5',
    '-1',
    '0',
    '"9999999999"',
    'true',
    '[9999999999]',
    '1e3000',
  ])('are refused with exp or iat %s', async (value) => {
    expect(await spelled('exp', value)).toBe('token_invalid');
    expect(await spelled('iat', value)).toBe('token_invalid');
  });

  it('are refused out of time', async () => {
    const refused: [string, Record<string, unknown>][] = [
      ['expired', { iat: now() - 700, exp: now() - 1 }],
      ['expired just now', { iat: now() - 700, exp: now() }],
      ['issued in the future', { iat: now() + 120, exp: now() + 700 }],
      ['living longer than an hour', { iat: now() - 1, exp: now() + 3601 }],
      ['living for ever', { iat: now() - 1, exp: Number.MAX_SAFE_INTEGER }],
      ['ending before it began', { iat: now() + 30, exp: now() + 20 }],
      ['a float exp', { exp: now() + 100.5 }],
      ['a float iat', { iat: now() - 0.5 }],
      ['milliseconds', { iat: Date.now(), exp: Date.now() + 600_000 }],
      ['not valid yet', { nbf: now() + 3600 }],
    ];
    for (const [fault, changes] of refused) expect([fault, await changed(changes)]).toEqual([fault, 'token_invalid']);
  });

  it('are refused for another issuer or audience', async () => {
    const { iss } = opened.claims;
    for (const other of [
      `${String(iss)}/`,
      'http://localhost:3001',
      'https://localhost:3000',
      'HTTP://LOCALHOST:3000',
      [iss],
      {},
    ]) {
      expect(await changed({ iss: other })).toBe('token_invalid');
    }
    for (const other of ['API', 'api ', 'web', ['api'], ['api', 'api'], ['a', 'b'], { 0: 'api' }, '*', 'api,other']) {
      expect(await changed({ aud: other })).toBe('token_invalid');
    }
    // Meant for us and for another one.
    expect(await changed({ aud: ['api', 'other'] })).toBe(200);
  });

  it('are refused where roles, scope or e-mail have another type', async () => {
    for (const roles of ['admin', { 0: 'admin' }, [['admin']], [1], [null], [''], null, 1]) {
      expect(await changed({ roles })).toBe('token_invalid');
    }
    for (const scope of [['a'], '', null, 1, {}]) expect(await changed({ scope })).toBe('token_invalid');
    for (const email of [['a@example.com'], null, 1, {}, '']) expect(await changed({ email })).toBe('token_invalid');
  });

  it.each(Object.keys(ODD))('are refused where %s has a form that is not ours', async (name) => {
    for (const value of ODD[name]!) expect([value, await changed({ [name]: value })]).toEqual([value, 'token_invalid']);
  });

  it('break no route', { timeout: 120_000 }, async () => {
    const routes = Object.entries(openApiOf(app.app).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')] as const),
    );
    const faults: unknown[] = [];
    for (const [name, values] of Object.entries(ODD)) {
      // As an administrator, so that whatever stands behind the guard would be reached.
      const claims = { ...opened.claims, roles: ['user', 'admin'] };
      const tokens = values.map((value) => forge(opened.header, { ...claims, [name]: value }, ownSigner(app)));
      const tries = routes.flatMap(([method, path]) => tokens.map((token) => ({ method, path, token })));
      await Promise.all(
        tries.map(async ({ method, path, token }) => {
          const answer = await fetch(app.http.baseUrl + path, {
            method,
            headers: { authorization: `Bearer ${token}` },
          });
          await answer.body?.cancel();
          if (answer.status >= 500) faults.push([name, method, path, answer.status]);
        }),
      );
    }
    expect(faults).toEqual([]);
  });

  it.each(['/oauth/introspect', '/oauth/revoke', '/oauth/token'])(
    'break nothing as what is shown to %s',
    async (path) => {
      const { tokens: admin } = await app.signedInAdmin();
      const account = await ServiceAccount.create(app, admin.access_token, {
        grant_types: ['client_credentials', EXCHANGE],
        served_audiences: ['api'],
      });
      const form = (token: string): Record<string, string> =>
        path === '/oauth/token'
          ? { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN }
          : { token };
      for (const [name, values] of Object.entries(ODD)) {
        for (const value of values) {
          const token = forge(opened.header, { ...opened.claims, [name]: value }, ownSigner(app));
          const { status, body } = await account.send<Record<string, unknown>>(path, form(token));
          expect([name, value, status]).toEqual([name, value, path === '/oauth/token' ? 400 : 200]);
          if (path === '/oauth/introspect') expect(body).toEqual({ active: false });
        }
      }
    },
  );

  it('of a session that is no session end nothing and break nothing', async () => {
    const listed = await app.dataSource.query<unknown[]>('SELECT id FROM sessions');
    for (const sid of ["' OR 1=1 --", 'x', '../..', opened.claims.sub, `${String(opened.claims.sid)}A`]) {
      const token = forge(opened.header, { ...opened.claims, sid }, ownSigner(app));
      const logout = await app.http.post('/auth/logout', undefined, { token });
      expect(logout.status).toBeLessThan(500);
      expect((await app.http.delete('/sessions', { token })).status).toBe(401);
    }
    const stranger = { ...opened.claims, sub: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a' };
    await app.http.post('/auth/logout', undefined, { token: forge(opened.header, stranger, ownSigner(app)) });
    expect(await app.dataSource.query('SELECT id FROM sessions')).toEqual(listed);
  });
});
