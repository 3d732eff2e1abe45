import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';
import { EXCHANGE, exchanged } from '../support/token-exchange.js';

describe('a service account that administers users, and wants more', () => {
  let app: TestApp;
  let admin: string;
  let writer: string;
  let reader: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', PERSONAL_TOKEN_SCOPES: 'users:write' });
    admin = await app.adminToken();
    writer = await (await ServiceAccount.create(app, admin, { scopes: ['users:write'] })).token();
    reader = await (await ServiceAccount.create(app, admin, { scopes: ['users:read'] })).token();
  });
  afterAll(() => app.close());

  const send = (token: string, method: string, path: string, body?: object) =>
    app.http.send(method, path, { token, body });
  const storedRow = async (id: string) => app.dataSource.query<unknown[]>(STORED, [id]);

  /** What changes a user. */
  const CHANGES: [string, string, string, object?][] = [
    ['name', 'PATCH', '', { display_name: 'Mallory' }],
    ['address', 'PATCH', '', { email: 'mallory@example.com' }],
    ['status', 'PATCH', '', { status: 'disabled' }],
    ['roles', 'PATCH', '', { roles: ['user'] }],
    ['password', 'PUT', '/password', { password: 'chosen by a service' }],
    ['sessions', 'DELETE', '/sessions'],
    ['account', 'DELETE', ''],
  ];

  it('administers users who have no power here', async () => {
    const body = { email: 'made-by-a-service@example.com', password: PASSWORD, roles: ['user', 'orders:approver'] };
    const created = await app.http.post<{ id: string }>('/users', body, { token: writer });
    expect(created.status).toBe(201);
    for (const token of [reader, writer]) {
      expect((await send(token, 'GET', '/users')).status).toBe(200);
      expect((await send(token, 'GET', `/users/${created.body.id}`)).status).toBe(200);
    }
    const statuses: number[] = [];
    for (const [, method, path, changes] of CHANGES) {
      statuses.push((await send(writer, method, `/users/${created.body.id}${path}`, changes)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 204, 200, 204]);
  });

  it.each(CHANGES)('changes nothing by reading: %s', async (_, method, path, changes) => {
    const user = await app.createUser();
    expect((await send(reader, method, `/users/${user.id}${path}`, changes)).status).toBe(403);
    expect((await send(reader, 'POST', '/users', { email: 'reader@example.com' })).status).toBe(403);
  });

  it.each(CHANGES)('changes of nobody with power the %s', async (_, method, path, changes) => {
    for (const role of ['admin', 'verifier']) {
      for (const status of ['active', 'disabled'] as const) {
        const { id } = await app.createUser({ roles: ['user', role], status });
        const before = await storedRow(id);
        const answer = await send(writer, method, `/users/${id}${path}`, changes);
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(await storedRow(id)).toEqual(before);
      }
    }
  });

  it.each(['admin', 'verifier'])('grants nobody the role %s', async (role) => {
    const { id } = await app.createUser();
    expect((await send(writer, 'PATCH', `/users/${id}`, { roles: ['user', role] })).status).toBe(403);
    const email = `made-${role}@example.com`;
    expect((await send(writer, 'POST', '/users', { email, roles: [role] })).status).toBe(403);
    const [{ count }] = await app.dataSource.query<[{ count: number }]>(
      'SELECT count(*)::int AS count FROM users WHERE email = $1 OR (id = $2 AND $3 = ANY (roles))',
      [email, id, role],
    );
    expect(count).toBe(0);
  });

  it('reaches nothing else that is for administrators', async () => {
    const { id } = await app.createUser();
    for (const [method, path] of [
      ['GET', '/clients'],
      ['POST', '/clients'],
      ['POST', '/revocations'],
      ['POST', '/keys/rotate'],
      ['GET', `/users/${id}/api-keys`],
    ] as const) {
      expect((await send(writer, method, path, method === 'POST' ? {} : undefined)).status).toBe(403);
    }
  });

  it('is refused who became an administrator while it asked', async () => {
    for (const [, method, path, changes] of CHANGES) {
      for (let round = 0; round < 5; round++) {
        const { id } = await app.createUser();
        const lock = await RowLock.take(app, 'SELECT FROM users WHERE id = $1 FOR UPDATE', [id]);
        const underWay = send(writer, method, `/users/${id}${path}`, changes);
        await lock.isWaitedFor();
        await lock.change(`UPDATE users SET roles = '{user,admin}' WHERE id = $1`, [id]);
        await lock.release();
        expect((await underWay).status).toBe(403);
      }
    }
  });

  it('is itself: neither a personal access token nor one that acts for somebody administers users', async () => {
    const { tokens } = await app.signedInUser();
    const { id } = await app.createUser();
    const scopes = ['users:write'];
    const { api_key } = await personalToken(app, tokens.access_token, { scopes });
    const exchanger = await ServiceAccount.create(app, admin, {
      scopes,
      grant_types: [EXCHANGE],
      served_audiences: ['api'],
    });
    const forbidden = [
      tokenIn(await verdictOn(app.http, api_key)),
      await exchanged(exchanger, tokens.access_token),
      await exchanged(exchanger, admin),
    ];
    for (const token of forbidden) {
      for (const [, method, path, changes] of [...CHANGES, ['itself', 'GET', '']] as typeof CHANGES) {
        const answer = await send(token, method, `/users/${id}${path}`, changes);
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      }
      expect((await send(token, 'GET', '/users')).status).toBe(403);
      expect((await send(token, 'POST', '/users', { email: 'delegated@example.com' })).status).toBe(403);
    }
  });
});

const STORED = `SELECT u.*, p.hash, p.must_change FROM users AS u LEFT JOIN passwords AS p ON p.user_id = u.id WHERE u.id = $1`;
