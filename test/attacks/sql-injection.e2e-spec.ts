import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

const PROBES = [
  "'",
  "''",
  '"',
  '`',
  '\\',
  "\\'",
  "' OR '1'='1",
  "' OR 1=1 --",
  "x'; DROP TABLE users; --",
  '1); DELETE FROM sessions; --',
  "' UNION SELECT hash FROM passwords --",
  "'||(SELECT hash FROM passwords LIMIT 1)||'",
  "'; SELECT pg_sleep(5); --",
  '$1',
  '$2::text',
  ':prefix',
  ':after',
  '%',
  '_',
  '%%',
  '\\%',
  '{admin}',
  '{"admin"}',
  "ARRAY['admin']",
  'NULL',
  'null',
  '1/0',
  '/**/',
  ';',
  '--',
  "E'\\x00'",
  "'::uuid",
  '(',
  '*',
  '?',
  'users.email',
  '${7*7}',
  '{{7*7}}',
  '$where',
  '\u2019 OR 1=1',
  '\uff07 OR 1=1 --',
];

describe('SQL in every text that a caller may send', () => {
  let app: TestApp;
  let admin: string;
  let own: { id: string; email: string; sid: string; token: string };
  let before: unknown;

  const state = () =>
    app.dataSource.query('SELECT id, email, display_name, status, roles, credentials_version FROM users ORDER BY id');

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = await app.adminToken();
    const { user, tokens } = await app.signedInUser({ displayName: 'Alice' });
    const me = await app.http.get<{ sid: string }>('/auth/me', { token: tokens.access_token });
    own = { id: user.id, email: user.email, sid: me.body.sid, token: tokens.access_token };
    before = await state();
  });
  afterAll(() => app.close());
  afterEach(async () => {
    expect(await state()).toEqual(before);
    expect((await app.http.get('/users/me', { token: own.token })).status).toBe(200);
  });

  it.each(['search', 'role', 'status', 'cursor', 'limit'])('the filter %s finds literally or refuses', async (name) => {
    for (const probe of PROBES) {
      for (const value of [probe, Buffer.from(probe).toString('base64url'), `user${probe}`]) {
        const answer = await app.http.get<{ items?: unknown[] }>(`/users?${name}=${encodeURIComponent(value)}`, {
          token: admin,
        });
        expect([200, 400], `${name}=${value}`).toContain(answer.status);
        expect(answer.text).not.toMatch(/argon2/);
        // Nobody's address, name or role starts so; a wildcard that worked would find all.
        if (answer.status === 200) expect(answer.body.items, `${name}=${value}`).toEqual([]);
      }
    }
  });

  it('a filter that is honest finds, so that this test can fail', async () => {
    for (const query of ['search=user', 'search=ALI', 'role=user', 'status=active', 'limit=1']) {
      const { body } = await app.http.get<{ items: unknown[] }>(`/users?${query}`, { token: admin });
      expect(body.items.length).toBeGreaterThan(0);
    }
  });

  it('an id names nothing or is not found', async () => {
    for (const probe of PROBES) {
      for (const id of [probe, own.id + probe, `${own.id.slice(0, 35)}'`]) {
        const text = encodeURIComponent(id);
        const { token } = own;
        const answers = [
          await app.http.get(`/users/${text}`, { token: admin }),
          await app.http.patch(`/users/${text}`, { display_name: 'Mallory' }, { token: admin }),
          await app.http.delete(`/users/${text}`, { token: admin }),
          await app.http.delete(`/users/${text}/sessions`, { token: admin }),
          await app.http.delete(`/sessions/${encodeURIComponent(own.sid.slice(0, 21) + probe)}`, { token }),
          await app.http.get(`/keys/${text}.pem`),
        ];
        for (const { status } of answers) expect([400, 404], id).toContain(status);
      }
    }
  });

  it('an address or a password signs nobody in', async () => {
    for (const probe of PROBES) {
      const bodies = [
        { email: probe, password: PASSWORD },
        { email: own.email + probe, password: PASSWORD },
        { email: `${probe}@example.com`, password: PASSWORD },
        { email: own.email, password: probe },
      ];
      for (const body of bodies) {
        expect([400, 401], JSON.stringify(body)).toContain((await app.http.post('/auth/login', body)).status);
      }
      expect((await app.http.post('/auth/refresh', { refresh_token: `csr_${probe}` })).status).toBe(401);
      const token = `${own.token.slice(0, -3)}${encodeURIComponent(probe)}`;
      expect((await app.http.get('/auth/me', { token })).status).toBe(401);
    }
  });

  it('a name is stored and found as the text that it is', async () => {
    for (const probe of PROBES.slice(0, 16)) {
      const { status, body } = await app.http.patch<{ display_name: string }>(
        '/users/me',
        { display_name: probe },
        { token: own.token },
      );
      expect({ status, name: body.display_name }).toEqual({ status: 200, name: probe });
      const found = await app.http.get<{ items: { id: string }[] }>(`/users?search=${encodeURIComponent(probe)}`, {
        token: admin,
      });
      expect(
        found.body.items.map(({ id }) => id),
        probe,
      ).toEqual([own.id]);
    }
    await app.http.patch('/users/me', { display_name: 'Alice' }, { token: own.token });
  });
});
