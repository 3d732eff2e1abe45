import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { StartRecord } from '../../src/audit/start-record.js';
import { Config } from '../../src/platform/config/config.js';
import { TestApp } from '../support/create-app.js';
import { ServiceAccount } from '../support/service-account.js';
import type { AuditPage, OwnAuditPage } from '../../src/audit/audit.view.js';

const ID = { headers: { 'x-request-id': 'request-of-the-test' } };

describe('the audit log', () => {
  let app: TestApp;
  let admin: { id: string; email: string; token: string };
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const { user, tokens } = await app.signedInAdmin();
    admin = { id: user.id, email: user.email, token: tokens.access_token };
  });
  afterAll(() => app.close());

  const list = async (query: Record<string, string>, token = admin.token) => {
    const answer = await app.http.get<AuditPage>(`/audit?${new URLSearchParams(query).toString()}`, { token });
    if (answer.status !== 200) throw new Error(`audit: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const eventsAbout = async (subject: string) => (await list({ subject })).items.map(({ event }) => event);

  it('tells of a registration and a sign-in: who, from where, in which request', async () => {
    const email = 'registered@example.com';
    const password = 'seven green bicycles';
    const { body: user } = await app.http.post<{ id: string }>('/auth/register', { email, password }, ID);
    const { body: tokens } = await app.http.post<{ access_token: string }>('/auth/login', { email, password }, ID);
    const me = await app.http.get<{ session: string }>('/auth/me', { token: tokens.access_token });
    expect((await list({ subject: user.id })).items).toMatchObject([
      {
        event: 'session.opened',
        outcome: 'success',
        reason: null,
        actor: user.id,
        subject: user.id,
        client: 'web',
        address: '127.0.0.1',
        request_id: 'request-of-the-test',
        details: { methods: ['pwd'] },
      },
      {
        event: 'user.created',
        outcome: 'success',
        actor: null,
        client: null,
        address: '127.0.0.1',
        request_id: 'request-of-the-test',
        details: { roles: ['user'], status: 'active' },
      },
    ]);
    expect(me.status).toBe(200);
  });

  it('tells what an administrator changed, and names no address, name or password', async () => {
    const { user } = await app.signedInUser({ roles: ['user', 'approver'] });
    const path = `/users/${user.id}`;
    const changes = { roles: ['user'], display_name: 'Somebody Secret', email: 'moved-away@example.com' };
    await app.http.patch(path, changes, { token: admin.token });
    await app.http.send('PUT', `${path}/password`, { token: admin.token, body: { password: 'eight red tricycles' } });
    await app.http.patch(path, { status: 'disabled' }, { token: admin.token });
    await app.http.patch(path, { status: 'disabled' }, { token: admin.token });
    await app.http.delete(path, { token: admin.token });
    const { items } = await list({ subject: user.id });
    expect(items.toReversed().map(({ event, reason }) => [event, reason])).toEqual([
      ['user.created', null],
      ['session.opened', null],
      ['user.updated', null],
      ['user.email_changed', null],
      ['session.ended', 'email_changed'],
      ['user.roles_reduced', null],
      ['user.password_changed', 'admin'],
      ['user.updated', null],
      ['user.disabled', null],
      ['user.deleted', null],
    ]);
    const update = items.find(({ event, details }) => event === 'user.updated' && 'roles' in details)!;
    expect(update).toMatchObject({
      actor: admin.id,
      client: 'web',
      details: {
        changed: ['email', 'display_name', 'roles'],
        roles: { before: ['user', 'approver'], after: ['user'] },
      },
    });
    expect(JSON.stringify(items)).not.toMatch(/moved-away|Secret|tricycles|example\.com/);
  });

  it('has no event of what was undone', async () => {
    const { user } = await app.signedInAdmin();
    const { user: other } = await app.signedInUser();
    const taken = await app.http.patch(`/users/${other.id}`, { email: user.email }, { token: admin.token });
    expect(taken.status).toBe(409);
    expect(await eventsAbout(other.id)).toEqual(['session.opened', 'user.created']);
  });

  it('tells who read the records of others, and the audit log', async () => {
    const { user } = await app.signedInUser();
    await app.http.get(`/users/${user.id}`, { token: admin.token });
    await app.http.get('/users?search=somebody@example.com&limit=5', { token: admin.token });
    const { items } = await list({ actor: admin.id, limit: '3' });
    expect(items[0]).toMatchObject({ event: 'users.listed', subject: null, details: { filters: ['search'] } });
    expect(items[1]).toMatchObject({ event: 'user.read', subject: user.id });
    const [latest] = (await list({ event: 'audit.read', limit: '1' })).items;
    expect(latest).toMatchObject({ actor: admin.id, details: { filters: ['actor'] } });
    expect(JSON.stringify(items)).not.toContain('somebody@');
  });

  it('is read in pages that miss and repeat nothing', async () => {
    const { user } = await app.signedInUser();
    for (let n = 0; n < 5; n++) await app.login(user.email);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: AuditPage = await list({ subject: user.id, limit: '2', ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });

  it('is filtered by time, event, client and network', async () => {
    const { user } = await app.signedInUser();
    const subject = user.id;
    const [opened, created] = (await list({ subject })).items;
    const at = String(opened!.at);
    // The number of an event (`seq`) comes when it is sealed, at any time.
    const idsOf = async (filter: Record<string, string>) =>
      (await list({ subject, ...filter })).items.map(({ id }) => id);
    expect(await idsOf({ from: at })).toContain(opened!.id);
    expect(await idsOf({ to: String(created!.at) })).toEqual([]);
    // No event has an id of a time before 1970.
    for (const epoch of ['1969-12-31T23:59:59Z', '0000-01-01T00:00:00Z']) {
      expect(await idsOf({ from: epoch })).toEqual([opened!.id, created!.id]);
      expect(await idsOf({ to: epoch })).toEqual([]);
    }
    expect(await idsOf({ event: 'user.created' })).toEqual([created!.id]);
    expect(await idsOf({ client: 'web' })).toEqual([opened!.id]);
    expect(await idsOf({ client: 'other' })).toEqual([]);
    expect(await idsOf({ network: '127.0.0.0/8' })).toEqual([opened!.id]);
    expect(await idsOf({ network: '10.0.0.0/8' })).toEqual([]);
    const wrong = await app.http.get('/audit?event=unknown&network=1.2.3&from=yesterday', { token: admin.token });
    expect(wrong.status).toBe(400);
  });

  it('is for administrators, auditors and services with the scope, and for nobody else', async () => {
    const auditor = await app.signedInUser({ roles: ['auditor'] });
    expect((await list({ limit: '1' }, auditor.tokens.access_token)).items).toHaveLength(1);
    const service = await ServiceAccount.create(app, admin.token, { scopes: ['audit:read', 'users:read'] });
    expect((await list({ limit: '1' }, await service.token({ scope: 'audit:read' }))).items).toHaveLength(1);
    const person = await app.signedInUser({ roles: ['user', 'verifier', 'support'] });
    for (const token of [person.tokens.access_token, await service.token({ scope: 'users:read' })]) {
      expect(await app.http.get('/audit', { token })).toMatchObject({ status: 403 });
    }
    // The role opens nothing else.
    expect(await app.http.get('/users', { token: auditor.tokens.access_token })).toMatchObject({ status: 403 });
  });

  it('shows people what concerns themselves, and not which administrator it was', async () => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'approver'] });
    const stranger = await app.signedInUser();
    await app.http.get(`/users/${user.id}`, { token: admin.token });
    await app.http.patch(`/users/${user.id}`, { roles: ['user'] }, { token: admin.token });
    const { access_token: token } = await app.login(user.email);
    const { body } = await app.http.get<OwnAuditPage>('/audit/me', { token });
    expect(body.items.map(({ event, by, address }) => [event, by, address])).toEqual([
      ['session.opened', 'yourself', '127.0.0.1'],
      ['user.roles_reduced', 'others', null],
      ['user.updated', 'others', null],
      ['session.opened', 'yourself', '127.0.0.1'],
      ['user.created', 'others', null],
    ]);
    const mine = await app.http.get<{ items: { id: string }[] }>('/sessions', { token });
    expect(mine.body.items.map(({ id }) => id)).toContain(body.items[0]!.session);
    expect(JSON.stringify(body)).not.toContain(admin.id);
    const other = await app.http.get<OwnAuditPage>('/audit/me', { token: stranger.tokens.access_token });
    expect(other.body.items).toHaveLength(2);
    expect(tokens.access_token).not.toBe(token);
  });

  it('tells what became of service accounts, their secrets and their keys, and has none of these', async () => {
    const token = admin.token;
    const account = await ServiceAccount.create(app, token, { scopes: ['orders:read'] });
    const path = `/clients/${account.id}`;
    await app.http.patch(path, { scopes: [], token_ttl: 120 }, { token });
    await app.http.patch(`${path}/secrets/${account.secretId}`, { expires_in: 600 }, { token });
    await app.http.delete(`${path}/secrets/${account.secretId}`, { token });
    const identity = { issuer: 'https://issuer.example', subject: 'job', jwks_uri: 'https://issuer.example/keys' };
    const added = await app.http.post<{ id: string }>(`${path}/workload-identities`, identity, { token });
    await app.http.delete(`${path}/workload-identities/${added.body.id}`, { token });
    const key = await app.http.post<{ id: string; api_key: string }>(`${path}/api-keys`, { name: 'Key' }, { token });
    await app.http.post('/api-keys/revoke-leaked', { api_key: key.body.api_key });
    await app.http.delete(path, { token });
    const { items } = await list({ subject: account.id });
    expect(items.toReversed().map(({ event, reason, actor }) => [event, reason, actor])).toEqual([
      ['client.created', null, admin.id],
      ['client.secret_added', null, admin.id],
      ['client.updated', null, admin.id],
      ['client.access_reduced', null, admin.id],
      ['client.secret_expires', null, admin.id],
      ['client.secret_deleted', null, admin.id],
      ['client.access_reduced', null, admin.id],
      ['client.identity_added', null, admin.id],
      ['client.identity_deleted', null, admin.id],
      ['client.access_reduced', null, admin.id],
      ['api_key.created', null, admin.id],
      ['api_key.deleted', 'leaked', null],
      ['client.deleted', null, admin.id],
      ['client.access_reduced', null, admin.id],
    ]);
    expect(items.find(({ event }) => event === 'client.updated')!.details).toEqual({
      changed: ['scopes', 'token_ttl'],
    });
    for (const secret of [account.secret, key.body.api_key]) expect(JSON.stringify(items)).not.toContain(secret);
  });

  it('tells what became of signing keys and of receivers of signals, and of sessions ended in bulk', async () => {
    const token = admin.token;
    await app.http.post('/keys/rotate', {}, { token });
    await app.http.post('/keys/rotate', { emergency: true }, { token });
    const fresh = (await app.login((await app.signedInAdmin()).user.email)).access_token;
    admin.token = (await app.login(admin.email)).access_token;
    const reasons = (await list({ event: 'signing_key.changed' })).items.map(({ reason, actor }) => [reason, actor]);
    expect(reasons).toContainEqual(['create', 'system:jobs']);
    expect(reasons).toContainEqual(['create', admin.id]);
    expect((await list({ event: 'signing_key.revoked' })).items).toHaveLength(1);
    const stream = await app.http.post<{ stream_id: string }>('/shared-signals/streams', {}, { token: fresh });
    const { stream_id: id } = stream.body;
    await app.http.patch('/shared-signals/streams', { stream_id: id, description: 'x' }, { token: fresh });
    await app.http.post('/shared-signals/status', { stream_id: id, status: 'paused' }, { token: fresh });
    await app.http.delete(`/shared-signals/streams?stream_id=${id}`, { token: fresh });
    expect((await eventsAbout(id)).toReversed()).toEqual([
      'signal_stream.created',
      'signal_stream.updated',
      'signal_stream.status_changed',
      'signal_stream.status_changed',
      'signal_stream.deleted',
    ]);
    await app.http.post('/revocations', { role: 'nobody-has-this' }, { token: fresh });
    const [bulk] = (await list({ event: 'session.bulk_revocation' })).items;
    expect(bulk!.details).toEqual({ criteria: { role: 'nobody-has-this' } });
  });

  it('tells that the service started, with its settings, and without secrets', async () => {
    const start = app.app.get(StartRecord);
    await start.write('1.2.3');
    await start.write('1.2.4');
    const [second, first] = (await list({ event: 'service.started' })).items;
    expect(first).toMatchObject({ actor: 'system:start', details: { version: '1.2.3' } });
    const settings = first!.details['settings'] as Record<string, unknown>;
    expect(settings).toMatchObject({ RATE_LIMITS: false, SECRET_KEY: '(set)', DATABASE_URL: '(set)' });
    expect(second!.details).toMatchObject({ version: '1.2.4', changed: [] });
    const config = Object.freeze({ ...app.app.get(Config), corsOrigins: ['https://app.example'] });
    await new StartRecord(config, app.dataSource, app.app.get(AuditLog)).write('1.2.5');
    expect((await list({ event: 'service.started' })).items[0]!.details['changed']).toEqual(['CORS_ORIGINS']);
  });

  it('refuses a change that it cannot record', async () => {
    const { user } = await app.signedInUser();
    await app.dataSource.query('ALTER TABLE audit_inbox ADD CONSTRAINT refused CHECK (false) NOT VALID');
    try {
      const { status } = await app.http.patch(`/users/${user.id}`, { roles: [] }, { token: admin.token });
      expect(status).toBe(500);
      const login = await app.http.post('/auth/login', { email: user.email, password: 'correct horse battery staple' });
      expect(login.status).toBe(500);
    } finally {
      await app.dataSource.query('ALTER TABLE audit_inbox DROP CONSTRAINT refused');
    }
    const { body } = await app.http.get<{ roles: string[] }>(`/users/${user.id}`, { token: admin.token });
    expect(body.roles).toEqual(['user']);
  });
});
