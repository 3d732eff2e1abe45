import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

/** What every object has without declaring it. */
const INHERITED = [
  'toString',
  'valueOf',
  'hasOwnProperty',
  'constructor',
  'isPrototypeOf',
  '__defineGetter__',
  'then',
  'toJSON',
];

/** JSON that reaches for a prototype when parsed or copied carelessly. */
const POISON = [
  '"__proto__":{"roles":["admin"],"polluted":true}',
  '"__proto__":null',
  '"__proto__":[]',
  '"__pro\\u0074o__":{"roles":["admin"]}',
  '"\\u005f_proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true,"roles":["admin"]}}',
  '"constructor":{"__proto__":{"polluted":true}}',
  '"c\\u006fnstructor":{"prototype":{"polluted":true}}',
  '"display_name":{"__proto__":{"polluted":true}}',
  '"roles":{"__proto__":["admin"]}',
];

describe('reaching for a prototype', () => {
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
  afterEach(() => {
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(([] as { polluted?: unknown }).polluted).toBeUndefined();
  });

  const newEmail = () => `proto${++emails}@example.com`;
  const rowsOf = (column: string, value: string) =>
    app.dataSource.query<Record<string, unknown>[]>(
      `SELECT users.*, hash FROM users LEFT JOIN passwords ON user_id = id WHERE ${column} = $1`,
      [value],
    );
  const count = async () =>
    Number((await app.dataSource.query<{ count: string }[]>('SELECT count(*) FROM users'))[0]!.count);
  const extended = (body: object, members: string) => JSON.stringify(body).replace(/\}$/, `,${members}}`);

  it.each(POISON)('%s is refused everywhere', async (members) => {
    const before = [await count(), await rowsOf('id', me.id)];
    const requests: [method: string, path: string, body: object, token?: string][] = [
      ['POST', '/auth/register', { email: newEmail(), password: PASSWORD }],
      ['POST', '/auth/login', { email: me.email, password: PASSWORD }],
      ['POST', '/auth/refresh', { refresh_token: 'x' }],
      ['PATCH', '/users/me', { display_name: 'Mallory' }, me.token],
      ['PATCH', `/users/${me.id}`, { status: 'disabled' }, admin.token],
      ['POST', '/users', { email: newEmail() }, admin.token],
    ];
    for (const [method, path, body, token] of requests) {
      const text = extended(body, members);
      expect(await app.http.send(method, path, { body: text, token }), path).toMatchObject({ status: 400 });
      const nested = await app.http.send(method, path, { body: `[${text}]`, token });
      expect(nested, path).toMatchObject({ status: 400 });
    }
    expect([await count(), await rowsOf('id', me.id)]).toEqual(before);
  });

  it.each(INHERITED)('%s has no effect where it is not refused', async (name) => {
    for (const value of ['x', { polluted: true, roles: ['admin'] }]) {
      const [row] = await rowsOf('id', me.id);
      const own = { display_name: 'Alice', [name]: value };
      const answers = [
        await app.http.patch('/users/me', own, { token: me.token }),
        await app.http.patch(`/users/${me.id}`, own, { token: admin.token }),
        await app.http.post('/auth/register', { email: newEmail(), password: PASSWORD, [name]: value }),
        await app.http.post('/auth/login', { email: newEmail(), password: PASSWORD, [name]: value }),
        await app.http.post('/users', { email: newEmail(), [name]: value }, { token: admin.token }),
      ];
      for (const { status } of answers) expect([200, 201, 400, 401]).toContain(status);
      expect((await rowsOf('id', me.id))[0]).toEqual({ ...row, updated_at: expect.any(Date) as Date });
      const admins = await app.dataSource.query<{ id: string }[]>(`SELECT id FROM users WHERE 'admin' = ANY (roles)`);
      expect(admins).toEqual([{ id: admin.id }]);
    }
  });

  it('a query pollutes no prototype either', async () => {
    for (const query of [
      '__proto__[polluted]=1',
      '__proto__.polluted=1',
      'constructor[prototype][polluted]=1',
      '__proto__=1',
      'constructor=1',
    ]) {
      for (const path of ['/users', '/users/me', '/auth/me', '/health/live']) {
        const { status } = await app.http.get(`${path}?${query}`, { token: admin.token });
        expect(status).toBeLessThan(500);
      }
    }
  });
});
