import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

const ID = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const DATE = '2020-01-01T00:00:00Z';
const HASH = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';

/** Fields that a stranger or a user has no say in, under every name that code or database might give them. */
const PRIVILEGED: Record<string, unknown> = {
  roles: ['admin', 'user'],
  scopes: ['admin'],
  status: 'disabled',
  email_verified: true,
  updated_at: null,
  user: { roles: ['admin'] },
  sessions: [],
  $set: { roles: ['admin'] },
  ...Object.fromEntries(['role', 'roles[]', 'roles[0]', 'user.roles', ''].map((name) => [name, 'admin'])),
  ...Object.fromEntries(['is_admin', 'isAdmin', 'admin'].map((name) => [name, true])),
  ...Object.fromEntries(['id', 'sub', 'user_id', 'userId'].map((name) => [name, ID])),
  ...Object.fromEntries(['email_canonical', 'emailCanonical'].map((name) => [name, 'root@example.com'])),
  ...Object.fromEntries(['credentials_version', 'credentialsVersion'].map((name) => [name, 99])),
  ...Object.fromEntries(['password_hash', 'passwordHash', 'hash'].map((name) => [name, HASH])),
  ...Object.fromEntries(
    ['created_at', 'createdAt', 'email_verified_at', 'emailVerifiedAt'].map((name) => [name, DATE]),
  ),
};

/** What administrators give, and what they also bring along with a new user. */
const GIVEN = new Set(['roles', 'status', 'email_verified']);
const BROUGHT_ALONG = new Set(['password_hash', 'id', 'created_at']);

const NO_STRINGS: unknown[] = [
  ['a'],
  [],
  {},
  { $gt: '' },
  { $ne: null },
  { toString: 'x' },
  1,
  0,
  true,
  [['a']],
  { length: 5 },
];

describe('writing what one has no say in', () => {
  let app: TestApp;
  let emails = 0;
  let me: { id: string; email: string; token: string };
  let admin: { id: string; token: string };

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const user = await app.signedInUser({ displayName: 'Alice' });
    const administrator = await app.signedInAdmin();
    me = { id: user.user.id, email: user.user.email, token: user.tokens.access_token };
    admin = { id: administrator.user.id, token: administrator.tokens.access_token };
  });
  afterAll(() => app.close());
  const newEmail = () => `mass${++emails}@example.com`;
  const rowsOf = (column: string, value: string) =>
    app.dataSource.query<Record<string, unknown>[]>(
      `SELECT users.*, hash FROM users LEFT JOIN passwords ON user_id = id WHERE ${column} = $1`,
      [value],
    );
  const count = async () =>
    Number((await app.dataSource.query<{ count: string }[]>('SELECT count(*) FROM users'))[0]!.count);

  it.each(Object.keys(PRIVILEGED))('registration refuses %j', async (name) => {
    const before = await count();
    const body = { email: newEmail(), password: PASSWORD, [name]: PRIVILEGED[name] };
    expect(await app.http.post('/auth/register', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await count()).toBe(before);
  });

  it.each(Object.keys(PRIVILEGED))('the own profile refuses %j', async (name) => {
    const before = await rowsOf('id', me.id);
    const answer = await app.http.patch(
      '/users/me',
      { display_name: 'Mallory', [name]: PRIVILEGED[name] },
      { token: me.token },
    );
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await rowsOf('id', me.id)).toEqual(before);
  });

  it('an administrator sets roles, status and address of others, and nothing else', async () => {
    for (const name of Object.keys(PRIVILEGED).filter((each) => !GIVEN.has(each))) {
      const before = await rowsOf('id', me.id);
      const change = { display_name: 'Mallory', [name]: PRIVILEGED[name] };
      expect(await app.http.patch(`/users/${me.id}`, change, { token: admin.token }), name).toMatchObject({
        status: 400,
      });
      expect(await rowsOf('id', me.id)).toEqual(before);
      if (BROUGHT_ALONG.has(name)) continue;
      const creation = { email: newEmail(), [name]: PRIVILEGED[name] };
      expect(await app.http.post('/users', creation, { token: admin.token }), name).toMatchObject({ status: 400 });
      expect(await rowsOf('email', creation.email)).toEqual([]);
    }
    for (const name of ['password', 'password_hash']) {
      const change = { [name]: PASSWORD };
      expect(await app.http.patch(`/users/${me.id}`, change, { token: admin.token }), name).toMatchObject({
        status: 400,
      });
    }
  });

  it('a user creates nobody and changes nobody', async () => {
    const before = [await count(), await rowsOf('id', admin.id), await rowsOf('id', me.id)];
    const { token } = me;
    expect((await app.http.post('/users', { email: newEmail(), roles: ['admin'] }, { token })).status).toBe(403);
    for (const id of [me.id, admin.id]) {
      expect((await app.http.patch(`/users/${id}`, { roles: ['admin'] }, { token })).status).toBe(403);
      expect((await app.http.delete(`/users/${id}`, { token })).status).toBe(403);
    }
    expect([await count(), await rowsOf('id', admin.id), await rowsOf('id', me.id)]).toEqual(before);
  });

  it('arrays, objects and numbers are no strings', async () => {
    const before = [await count(), await rowsOf('id', me.id)];
    for (const value of NO_STRINGS) {
      const bodies: [method: string, path: string, body: object, token?: string][] = [
        ['POST', '/auth/register', { email: value, password: PASSWORD }],
        ['POST', '/auth/register', { email: newEmail(), password: value }],
        ['POST', '/auth/register', { email: newEmail(), password: PASSWORD, display_name: value }],
        ['POST', '/auth/login', { email: value, password: PASSWORD }],
        ['POST', '/auth/login', { email: me.email, password: value }],
        ['POST', '/auth/refresh', { refresh_token: value }],
        ['POST', '/auth/logout', { refresh_token: value }, me.token],
        ['PATCH', '/users/me', { display_name: value }, me.token],
        ['POST', '/auth/password', { current_password: value, new_password: 'another good one' }, me.token],
        ['POST', '/auth/password', { current_password: PASSWORD, new_password: value }, me.token],
        ['PATCH', `/users/${me.id}`, { status: value }, admin.token],
        ['PATCH', `/users/${me.id}`, { roles: [value] }, admin.token],
        ['POST', '/users', { email: newEmail(), password_hash: value }, admin.token],
        ['POST', '/keys/rotate', { emergency: Array.isArray(value) ? value : [value] }, admin.token],
      ];
      for (const [method, path, body, token] of bodies) {
        const answer = await app.http.send(method, path, { body, token });
        expect(answer.status, `${path} ${JSON.stringify(body)}`).toBe(400);
      }
    }
    expect([await count(), await rowsOf('id', me.id)]).toEqual(before);
    expect((await app.http.get('/auth/me', { token: me.token })).status).toBe(200);
  });

  it('a body that is no object changes nothing', async () => {
    const before = await rowsOf('id', me.id);
    for (const body of ['[]', '[{"display_name":"Mallory"}]', '"display_name"', '1', 'true', '[[]]']) {
      for (const [method, path] of [
        ['PATCH', '/users/me'],
        ['POST', '/auth/login'],
        ['POST', '/auth/register'],
        ['POST', '/auth/refresh'],
      ] as const) {
        expect((await app.http.send(method, path, { body, token: me.token })).status, `${path} ${body}`).toBe(400);
      }
    }
    expect(await rowsOf('id', me.id)).toEqual(before);
  });

  it('duplicate keys speak of one and the same account', async () => {
    const [victim, own] = [await app.createUser(), await app.createUser({ password: 'mallory knows this one' })];
    const pair = (first: string, second: string) =>
      `{"email":"${first}","email":"${second}","password":"mallory knows this one","password":"mallory knows this one"}`;
    for (const body of [pair(victim.email, own.email), pair(own.email, victim.email)]) {
      const { status, text } = await app.http.post('/auth/login', body);
      if (status !== 200) continue;
      const token = (JSON.parse(text) as { access_token: string }).access_token;
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 200, body: { sub: own.id } });
    }
    const email = newEmail();
    const twice = `{"email":"${email}","password":"${PASSWORD}","roles":["admin"],"roles":["user"]}`;
    expect((await app.http.post('/auth/register', twice)).status).toBe(400);
    expect(await rowsOf('email', email)).toEqual([]);
  });

  it('what registration does accept makes a plain user', async () => {
    const email = newEmail();
    expect((await app.http.post('/auth/register', { email, password: PASSWORD, display_name: null })).status).toBe(201);
    const [row] = await rowsOf('email', email);
    expect(row).toMatchObject({ roles: ['user'], status: 'active', email_verified_at: null });
    expect(row!['hash']).toMatch(/^\$argon2id\$/);
  });
});
