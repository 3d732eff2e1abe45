import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECTIONS } from '../../src/accounts/personal-data/personal-data.statements.js';
import type { PersonalDataView } from '../../src/accounts/personal-data/personal-data.view.js';
import { TestApp } from '../support/create-app.js';

/** Tables with a column for a user or an address that are exported in another way, or not, and why. */
const OTHERWISE: Record<string, string> = {
  recovery_codes: 'hashes alone: their number is exported',
  one_time_values: 'exported without ids and holders',
  one_time_guesses: 'a number of wrong codes, for a day',
  revocations: 'ids alone, until the tokens have expired',
  revocation_epochs: 'ids alone, until the tokens have expired',
  signal_events: 'events on their way, deleted once delivered',
  audit_events: 'GET /audit/me',
  audit_inbox: 'GET /audit/me',
  workload_identities: 'the subject is that of a service',
};

describe('everything that is held on a person', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  const exportOf = (path: string, token: string) => app.http.get<PersonalDataView>(`/users/${path}/export`, { token });

  it('is exported to the person, without secrets, and the audit log tells them so', async () => {
    const { user, tokens } = await app.signedInUser({ displayName: 'Mia' });
    const token = tokens.access_token;
    const key = await app.http.post('/api-keys', { name: 'laptop', expires_in: 86_400 }, { token });
    expect(key.status).toBe(201);
    await app.createUser();
    const { status, headers, body, text } = await exportOf('me', token);
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toContain('attachment');
    expect(body.account).toMatchObject([{ id: user.id, email: user.email, display_name: 'Mia' }]);
    expect(body.sessions).toMatchObject([{ amr: ['pwd'] }]);
    expect(body.personal_access_tokens).toMatchObject([{ name: 'laptop' }]);
    expect(body).toMatchObject({ password: [{ must_change: false }], recovery_codes: 0, mailed_links: [] });
    expect(text).not.toMatch(/hash|secret|\$argon2|\$scrypt/);
    const log = await app.http.get<{ items: { event: string }[] }>('/audit/me', { token });
    expect(log.body.items[0]).toMatchObject({ event: 'user.exported' });
  });

  it('is exported to administrators, and to nobody else', async () => {
    const { user, tokens } = await app.signedInUser();
    const { user: other } = await app.signedInUser();
    expect((await exportOf(other.id, tokens.access_token)).status).toBe(403);
    const { body } = await exportOf(user.id, await app.adminToken());
    expect(body.account).toMatchObject([{ id: user.id }]);
    const support = await app.signedInUser({ roles: ['support'] });
    expect((await exportOf(user.id, support.tokens.access_token)).status).toBe(403);
  });

  it('needs a recent sign-in, of administrators too', async () => {
    const { user, tokens } = await app.signedInAdmin();
    app.clock.advance(601);
    const { refresh_token } = tokens;
    const { body } = await app.http.post<{ access_token: string }>('/auth/refresh', { refresh_token });
    for (const path of ['me', user.id])
      expect(await exportOf(path, body.access_token)).toMatchObject({
        status: 401,
        body: { code: 'insufficient_user_authentication' },
      });
  });

  it('is in the list of sections, or the test says why not: each table with a user, and each of its columns', async () => {
    const columns = await app.dataSource.query<{ table: string; column: string }[]>(
      `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
       JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND t.table_name !~ '^audit_events_'`,
    );
    const references = await app.dataSource.query<{ table: string }[]>(
      `SELECT DISTINCT conrelid::regclass::text AS table FROM pg_constraint
       WHERE contype = 'f' AND confrelid = 'users'::regclass`,
    );
    const named = columns.filter(({ column }) => /^(user_id|subject|email|.*_email|email_.*|user_agent)$/.test(column));
    const personal = new Set([...references, ...named].map(({ table }) => table));
    const known = new Set([...SECTIONS.map(({ table }) => table), ...Object.keys(OTHERWISE)]);
    expect([...personal].filter((table) => !known.has(table))).toEqual([]);
    for (const section of SECTIONS) {
      const stored = columns.filter(({ table }) => table === section.table).map(({ column }) => column);
      expect([...section.columns, ...section.withheld].sort(), section.table).toEqual(stored.sort());
    }
  });
});
