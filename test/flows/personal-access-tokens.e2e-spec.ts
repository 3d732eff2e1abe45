import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiKeysView } from '../../src/api-keys/api-keys.view.js';
import { Database } from '../../src/platform/database/database.js';
import { personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import type { HttpClient } from '../support/http-client.js';
import { createDatabase } from '../support/database.js';
import { ServiceProcess, soon } from './service-process.js';

const DAY = 86_400;
const SCOPES = { PERSONAL_TOKEN_SCOPES: 'orders:read, orders:write' };

const claimsOf = async (http: HttpClient, token: string) => {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', http.baseUrl));
  return (await jwtVerify(token, keys, { issuer: 'http://localhost:3000', audience: 'api', typ: 'at+jwt' })).payload;
};

describe('a person lets a program call services in their name', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start(SCOPES)));
  afterAll(() => app.close());

  const signIn = async (roles = ['user', 'approver']) => {
    const { user, tokens } = await app.signedInUser({ roles });
    return { user, token: tokens.access_token };
  };
  const listOf = async (token: string) => app.http.get<ApiKeysView>('/api-keys', { token });

  it('and is told which scopes there are to give, and who adds to them', async () => {
    const { token } = await signIn();
    const answer = await app.http.post('/api-keys', { name: 'CI', scopes: ['orders:read', 'admin'] }, { token });
    const message = expect.stringMatching(/^scopes must be among orders:read, orders:write: .* PERSONAL_TOKEN_SCOPES$/);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'scopes', code: 'allowed', message }] } });
  });

  it('by a token that is shown once, and listed without itself', async () => {
    const { token } = await signIn();
    const created = await personalToken(app, token, { scopes: ['orders:read'] });
    expect(created.api_key).toMatch(/^cs_pat_[\w-]{64}[0-9A-Za-z]{6}$/);
    const { api_key, ...shown } = created;
    const list = await listOf(token);
    expect(list.body).toEqual({ items: [shown], next_cursor: null, total: 1 });
    expect(list.text).not.toContain('cs_pat_');
    expect(list.text).not.toContain(api_key.slice(-40));
    const lifetime = Date.parse(String(created.expires_at)) - Date.parse(String(created.created_at));
    expect(lifetime).toBe(90 * DAY * 1000);
    const rows = await app.dataSource.query<object[]>('SELECT * FROM api_keys');
    expect(JSON.stringify(rows)).not.toContain(api_key.slice(30, 50));
  });

  it('which gateways admit, and exchange for a token that services verify by themselves', async () => {
    const { user, token } = await signIn();
    const { id, api_key } = await personalToken(app, token, { scopes: ['orders:read'] });
    const answer = await verdictOn(app.http, api_key, '?scope=orders:read');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers.get('x-auth-subject')).toBe(user.id);
    expect(answer.headers.get('x-auth-client')).toBe(id);
    expect(answer.headers.get('x-auth-session')).toBe('');
    expect(answer.headers.get('x-auth-roles')).toBe('');
    const claims = await claimsOf(app.http, tokenIn(answer));
    expect(claims).toMatchObject({ sub: user.id, client_id: id, scope: 'orders:read', email: user.email });
    for (const absent of ['sid', 'roles', 'act']) expect(claims).not.toHaveProperty(absent);
    expect((await verdictOn(app.http, api_key, '?scope=orders:write')).status).toBe(403);
    expect((await verdictOn(app.http, api_key, '?role=user')).status).toBe(403);
    // The exchanged token asks for no exchange.
    expect((await verdictOn(app.http, tokenIn(answer))).headers.get('authorization')).toBeNull();
  });

  it('with their roles where they say so, but never as an administrator', async () => {
    const { token } = await signIn(['user', 'approver', 'admin']);
    const { api_key } = await personalToken(app, token, { with_roles: true });
    const answer = await verdictOn(app.http, api_key, '?role=approver');
    expect((await claimsOf(app.http, tokenIn(answer)))['roles']).toEqual(['user', 'approver']);
    expect((await verdictOn(app.http, api_key, '?role=admin')).status).toBe(403);
  });

  it('from memory: a key that has been shown asks the database nothing', async () => {
    const { token } = await signIn();
    const { api_key } = await personalToken(app, token);
    const first = tokenIn(await verdictOn(app.http, api_key));
    const execute = vi.spyOn(Database.prototype, 'execute');
    try {
      for (let n = 0; n < 20; n++) expect(tokenIn(await verdictOn(app.http, api_key))).toBe(first);
      expect(execute.mock.calls.filter(([{ name }]) => name.startsWith('api_key'))).toEqual([]);
    } finally {
      execute.mockRestore();
    }
  });

  it('and sees when and from where it was last used, to five minutes', async () => {
    const { token } = await signIn();
    const { api_key, last_used_at } = await personalToken(app, token);
    expect(last_used_at).toBeNull();
    const lastUse = async () => {
      const [row] = await app.dataSource.query<{ at: Date; address: string }[]>(
        'SELECT last_used_at AS at, last_used_address AS address FROM api_keys ORDER BY created_at DESC LIMIT 1',
      );
      return row!;
    };
    const startedAt = app.clock.now();
    await verdictOn(app.http, api_key);
    const first = await lastUse();
    expect(first.at.getTime()).toBeGreaterThanOrEqual(startedAt);
    expect(first.address).toBe('127.0.0.1');
    app.clock.advance(120);
    await verdictOn(app.http, api_key);
    expect(await lastUse()).toEqual(first);
    app.clock.advance(240);
    await verdictOn(app.http, api_key);
    expect(await soon(async () => (await lastUse()).at.getTime() - first.at.getTime() >= 360_000)).toBe(true);
    app.clock.advance(-360);
  });
});

describe('a personal access token ends', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: HttpClient;
  let process: ServiceProcess;
  let admin: { token: string };
  const restart = async () => {
    await process?.kill();
    ({ service: process, http: other } = await ServiceProcess.start({ DATABASE_URL: database.url, LOG_LEVEL: 'info' }));
  };
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
    await restart();
    admin = { token: await app.adminToken() };
  });
  afterAll(async () => {
    await process?.kill();
    await app?.close();
    await database.drop();
  });

  /** A person whose key both instances have exchanged, each for a token of its own. */
  const shown = async (roles = ['user', 'approver']) => {
    const { user, tokens } = await app.signedInUser({ roles });
    const person = { token: tokens.access_token };
    const key = await personalToken(app, person.token, { with_roles: true });
    const exchanged: string[] = [];
    for (const http of [app.http, other]) exchanged.push(tokenIn(await verdictOn(http, key.api_key)));
    expect(new Set(exchanged).size).toBe(2);
    return { user, person, key, exchanged };
  };
  /** On both instances, and of both tokens: one of them at once, the other as soon as it has heard. */
  const isRefused = async (credential: string) => {
    expect((await verdictOn(app.http, credential)).status).toBe(401);
    expect(await soon(async () => (await verdictOn(other, credential)).status === 401)).toBe(true);
  };

  it('when they delete it, at once and everywhere', async () => {
    const { person, key, exchanged } = await shown();
    const deleted = await app.http.delete(`/api-keys/${key.id}`, person);
    expect([deleted.status, Number(deleted.headers.get('revocation-seq')) > 0]).toEqual([204, true]);
    for (const credential of [key.api_key, ...exchanged]) await isRefused(credential);
    expect((await app.http.delete(`/api-keys/${key.id}`, person)).status).toBe(404);
    // The person is still signed in.
    expect((await app.http.get('/auth/me', person)).status).toBe(200);
  });

  it('when an administrator deletes it, who sees it in a list', async () => {
    const { user, key, exchanged } = await shown();
    const list = await app.http.get<ApiKeysView>(`/users/${user.id}/api-keys`, admin);
    expect(list.body.items.map(({ id }) => id)).toEqual([key.id]);
    expect(list.text).not.toContain('cs_pat_');
    expect((await app.http.delete(`/users/${user.id}/api-keys/${key.id}`, admin)).status).toBe(204);
    for (const credential of [key.api_key, ...exchanged]) await isRefused(credential);
  });

  it('when somebody shows it who has found it', async () => {
    const { key, exchanged } = await shown();
    for (const text of ['cs_pat_', `${key.api_key}x`, key.api_key.slice(0, -1), 'csr_x']) {
      expect((await app.http.post('/api-keys/revoke-leaked', { api_key: text })).status).toBe(204);
    }
    expect((await verdictOn(app.http, key.api_key)).status).toBe(200);
    const answers = await Promise.all(
      [app.http, other, app.http].map((http) => http.post('/api-keys/revoke-leaked', { api_key: key.api_key })),
    );
    expect(answers.map(({ status, text }) => [status, text])).toEqual([204, 204, 204].map((status) => [status, '']));
    for (const credential of [key.api_key, ...exchanged]) await isRefused(credential);
    const log = () => app.logLines.join('') + process.output;
    expect(await soon(async () => log().includes(`"api_key_id":"${key.id}"`))).toBe(true);
    expect(log()).not.toContain('cs_pat_');
  });

  it('for as long as its user is disabled, and for good with its user', async () => {
    const { user, key, exchanged } = await shown();
    await app.http.patch(`/users/${user.id}`, { status: 'disabled' }, admin);
    for (const credential of [key.api_key, ...exchanged]) await isRefused(credential);
    await app.http.patch(`/users/${user.id}`, { status: 'active' }, admin);
    expect((await verdictOn(other, key.api_key)).status).toBe(200);
    const again = tokenIn(await verdictOn(app.http, key.api_key));
    for (const credential of exchanged) await isRefused(credential);
    expect((await app.login(user.email)).access_token).toBeTruthy();
    await app.http.delete(`/users/${user.id}`, admin);
    for (const credential of [key.api_key, again]) await isRefused(credential);
  });

  it('not when roles are taken away, but its tokens are, and the next ones state the rest', async () => {
    const { user, key, exchanged } = await shown();
    // Without a session there is nothing else that would refuse them.
    await app.http.delete(`/users/${user.id}/sessions`, admin);
    await app.http.patch(`/users/${user.id}`, { roles: ['user'] }, admin);
    for (const credential of exchanged) await isRefused(credential);
    for (const http of [app.http, other]) {
      const answer = await verdictOn(http, key.api_key);
      expect([answer.status, answer.headers.get('x-auth-roles')]).toEqual([200, 'user']);
    }
  });

  it('not with a restart', async () => {
    const { user, key } = await shown();
    await restart();
    const answer = await verdictOn(other, key.api_key);
    expect([answer.status, answer.headers.get('x-auth-subject')]).toEqual([200, user.id]);
  });

  it('when its time is over, and no token of it lives longer', async () => {
    const { tokens } = await app.signedInUser();
    const { api_key } = await personalToken(app, tokens.access_token, { expires_in: 300 });
    const answer = await verdictOn(app.http, api_key);
    const { exp, iat } = await claimsOf(app.http, tokenIn(answer));
    expect(exp! - iat!).toBeLessThanOrEqual(300);
    app.clock.advance(301);
    expect(await verdictOn(app.http, api_key)).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    expect((await verdictOn(app.http, tokenIn(answer))).status).toBe(401);
    app.clock.advance(-301);
  });

  it('not with the session in which it was made', async () => {
    const { person, key } = await shown();
    expect((await app.http.post('/auth/logout', undefined, person)).status).toBe(204);
    expect((await verdictOn(app.http, key.api_key)).status).toBe(200);
  });
});
