import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditRefusals } from '../../src/audit/audit-refusals.js';
import type { AuditEventView, AuditPage, OwnAuditPage } from '../../src/audit/audit.view.js';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

describe('the audit log tells of attempts that were refused', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start();
    token = await app.adminToken();
  });
  afterAll(() => app.close());

  const login = (email: string, password: string) => app.http.post('/auth/login', { email, password });
  const list = async (query: Record<string, string>): Promise<AuditEventView[]> => {
    await app.app.get(AuditRefusals).write();
    const search = new URLSearchParams({ limit: '100', ...query });
    return (await app.http.get<AuditPage>(`/audit?${search.toString()}`, { token })).body.items;
  };
  const sumOf = (items: AuditEventView[]) => items.reduce((sum, { details }) => sum + Number(details['count']), 0);

  it('with the reason that the caller is not told, and without the address', async () => {
    const right = await app.createUser();
    const without = await app.createUser({ password: undefined });
    const disabled = await app.createUser();
    await app.app.get(UsersService).update(disabled.id, { status: 'disabled' }, BY_TEST);
    await login('nobody@example.com', PASSWORD);
    await login(right.email, 'wrong horse');
    await login(without.email, PASSWORD);
    await login(disabled.email, PASSWORD);
    const items = await list({ event: 'sign_in.failed' });
    expect(new Map(items.map(({ reason, subject, outcome }) => [reason, [subject, outcome]]))).toEqual(
      new Map([
        ['unknown_account', [null, 'failure']],
        ['wrong_password', [right.id, 'failure']],
        ['no_password', [without.id, 'failure']],
        ['disabled', [disabled.id, 'failure']],
      ]),
    );
    for (const { actor, address, request_id } of items) {
      expect({ actor, address, request_id }).toEqual({
        actor: null,
        address: '127.0.0.1',
        request_id: expect.any(String),
      });
    }
    expect(new Set(items.map(({ details }) => details['account'])).size).toBe(4);
    expect(JSON.stringify(items)).not.toMatch(/nobody|example\.com|horse/);
  });

  it('which their victim sees too', async () => {
    const { user, tokens } = await app.signedInUser();
    await login(user.email, 'wrong horse');
    await app.app.get(AuditRefusals).write();
    const { body } = await app.http.get<OwnAuditPage>('/audit/me', { token: tokens.access_token });
    expect(body.items[0]).toMatchObject({ event: 'sign_in.failed', reason: 'wrong_password', by: 'anonymous' });
  });

  it('by the same hash for every spelling of an address', async () => {
    const hashes = async () => (await list({ event: 'sign_in.failed' })).map(({ details }) => details['account']);
    const before = new Set(await hashes());
    await login('Spelled@Example.com', PASSWORD);
    await login('spelled@example.com', PASSWORD);
    expect(new Set((await hashes()).filter((hash) => !before.has(hash))).size).toBe(1);
  });

  it('the first at once, and the others of a minute as one', async () => {
    const user = await app.createUser();
    for (let n = 0; n < 3; n++) await login(user.email, 'wrong horse');
    const before = await list({ subject: user.id, event: 'sign_in.failed' });
    for (let n = 0; n < 4; n++) await login(user.email, 'wrong horse');
    await list({});
    app.clock.advance(61);
    const after = await list({ subject: user.id, event: 'sign_in.failed' });
    expect(before.length).toBeGreaterThan(0);
    expect(after.length).toBeLessThanOrEqual(2);
    expect(sumOf(after)).toBe(7);
  });

  it('those that were not even tested, because there were too many, among them', async () => {
    const user = await app.createUser();
    let refused = 0;
    for (let n = 0; n < 30; n++) if ((await login(user.email, 'wrong horse')).status === 429) refused++;
    app.clock.advance(61);
    const limited = (await list({ event: 'sign_in.failed' })).filter(({ reason }) => reason === 'rate_limited');
    expect(refused).toBeGreaterThan(0);
    expect(sumOf(limited)).toBe(refused);
    expect(limited.length).toBeLessThanOrEqual(2);
  });

  it('in a number of rows that no number of strangers changes', async () => {
    const refusals = app.app.get(AuditRefusals);
    await list({});
    app.clock.advance(61);
    await list({});
    for (let n = 0; n < 5_000; n++) {
      const details = { account: `account ${n}` };
      refusals.note({ event: 'registration.failed', subject: null, reason: 'email_taken', details }, BY_TEST);
    }
    await refusals.write();
    app.clock.advance(61);
    await refusals.write();
    const [{ rows, count }] = await app.dataSource.query<[{ rows: string; count: string }]>(
      `SELECT count(*) AS rows, sum((details ->> 'count')::int) AS count
       FROM (SELECT event, details FROM audit_inbox UNION ALL SELECT event, details FROM audit_events) AS e
       WHERE event = 'registration.failed'`,
    );
    expect(Number(count)).toBe(5_000);
    expect(Number(rows)).toBeLessThanOrEqual(202);
  });

  it('at registration, at what asks for the password again, and of services', async () => {
    app.clock.advance(3600);
    const { user, tokens } = await app.signedInUser();
    await app.http.post('/auth/register', { email: user.email, password: 'seven green bicycles' });
    const change = { current_password: 'wrong horse', new_password: 'seven green bicycles' };
    await app.http.post('/auth/password', change, { token: tokens.access_token });
    const fresh = await app.adminToken();
    const account = await ServiceAccount.create(app, fresh);
    const grant = { grant_type: 'client_credentials', client_id: account.id, client_secret: 'wrong' };
    await sendForm(app, '/oauth/token', grant);
    token = fresh;
    const [registration] = await list({ event: 'registration.failed' });
    expect(registration).toMatchObject({ reason: 'email_taken', subject: null, actor: null });
    const [check] = await list({ event: 'password_check.failed' });
    expect(check).toMatchObject({ reason: 'wrong_password', subject: user.id, actor: user.id });
    const [client] = await list({ event: 'client.authentication_failed' });
    expect(client).toMatchObject({ subject: account.id, actor: null, outcome: 'failure' });
  });

  it('though the service stops before they are written', async () => {
    const database = await createDatabase();
    const first = await TestApp.start({ DATABASE_URL: database.url });
    await first.http.post('/auth/login', { email: 'nobody@example.com', password: PASSWORD });
    await first.close();
    const second = await TestApp.start({ DATABASE_URL: database.url });
    const rows = await second.dataSource.query<{ event: string }[]>(
      'SELECT event FROM audit_inbox UNION ALL SELECT event FROM audit_events',
    );
    expect(rows.map(({ event }) => event)).toContain('sign_in.failed');
    await second.close();
    await database.drop();
  });
});
