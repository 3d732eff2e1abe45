import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEventView, AuditPage } from '../../src/audit/audit.view.js';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { ConnectionDrain } from '../../src/platform/http/connection-drain.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { FeedReader } from '../support/feed-reader.js';
import { ServiceAccount } from '../support/service-account.js';

const PATH = '/audit/stream';

/** The events that a reader has got so far. */
const eventsOf = ({ events }: FeedReader): AuditEventView[] =>
  events.filter(({ data }) => data !== '').map(({ data }) => JSON.parse(data) as AuditEventView);

const aboutSubject = (reader: FeedReader, subject: string, event: string) =>
  reader.event(({ data }) => data.includes(`"event":"${event}"`) && data.includes(`"subject":"${subject}"`));

describe('an auditor follows the audit log', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: TestApp;
  let token: string;
  const readers: FeedReader[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false', AUDIT_STREAMS: '5' };
    app = await TestApp.start(environment);
    other = await TestApp.start(environment);
    token = (await app.signedInUser({ roles: ['user', 'auditor'] })).tokens.access_token;
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(async () => {
    await other?.close();
    await app?.close();
    await database.drop();
  });

  const seal = () => app.app.get(AuditSealer).sealAll();
  const open = async (options: Parameters<typeof FeedReader.open>[1] = {}, on = app): Promise<FeedReader> => {
    const reader = await FeedReader.open(on.http.baseUrl, { token, path: PATH, ...options });
    readers.push(reader);
    return reader;
  };
  /** Opens a stream once an earlier one has left its place. */
  const opened = async (options: Parameters<typeof FeedReader.open>[1] = {}, on = app): Promise<FeedReader> => {
    for (;;) {
      const reader = await open(options, on);
      if (reader.answer.statusCode !== 503) return reader;
      reader.close();
    }
  };

  it('and sees each event as GET /audit has it, with its number as its id', async () => {
    const reader = await opened();
    expect(reader.answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
    const { user } = await app.signedInUser({ displayName: 'Zoë' });
    await seal();
    const { id, data } = await aboutSubject(reader, user.id, 'session.opened');
    const listed = await app.http.get<AuditPage>(`/audit?subject=${user.id}&event=session.opened`, { token });
    expect(JSON.parse(data)).toEqual(listed.body.items[0]);
    expect(id).toBe(listed.body.items[0]!.seq);
  });

  it('that somebody follows is in the log, too', async () => {
    const reader = await opened();
    await seal();
    const { data } = await reader.event((event) => event.data.includes('audit.followed'));
    expect(JSON.parse(data)).toMatchObject({ event: 'audit.followed', outcome: 'success', details: {} });
  });

  it('on every instance, each event once and in the order of the chain', async () => {
    const both = [await opened(), await opened({}, other)];
    const users: string[] = [];
    for (let n = 0; n < 20; n++) users.push((await [app, other][n % 2]!.createUser()).id);
    await seal();
    for (const reader of both) {
      for (const id of users) await aboutSubject(reader, id, 'user.created');
      const seqs = eventsOf(reader).map(({ seq }) => seq!);
      expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index));
    }
  });

  it('resumes behind the last event that it has got, on another instance and over many pages', async () => {
    const first = await opened();
    await app.createUser();
    await seal();
    const { id } = await first.event(({ data }) => data.includes('user.created'));
    first.close();
    await app.dataSource.query(
      `INSERT INTO audit_inbox (id, at, event, outcome, details)
       SELECT gen_random_uuid(), now(), 'user.updated', 'success', jsonb_build_object('text', repeat('x', 2000)) FROM generate_series(1, 3000)`,
    );
    const { id: last } = await app.createUser();
    // Of random ids, the last event need not come last.
    await seal();
    const second = await opened({ headers: { 'last-event-id': String(id) } }, other);
    await aboutSubject(second, last, 'user.created');
    const listed = await app.dataSource.query<{ seq: string }[]>(
      'SELECT seq FROM audit_events WHERE seq > $1 ORDER BY seq',
      [id],
    );
    await second.event((event) => event.id === Number(listed.at(-1)!.seq));
    // That the stream was opened is an event, too, and may have come since.
    const got = eventsOf(second).map(({ seq }) => String(seq));
    expect(got.slice(0, listed.length)).toEqual(listed.map(({ seq }) => seq));
  });

  it('a client that was cut off before its first event has a number to resume from', async () => {
    const reader = await opened();
    const { id, data } = await reader.event(() => true);
    expect(data).toBe('');
    expect(id).toBeGreaterThan(0);
  });

  it('sees nothing of a transaction that is not committed, or was rolled back', async () => {
    const reader = await opened();
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      `INSERT INTO audit_inbox (id, at, event, outcome, subject, details)
       VALUES (gen_random_uuid(), now(), 'user.updated', 'success', 'undecided', '{}')`,
    );
    const { id } = await app.createUser();
    await seal();
    await aboutSubject(reader, id, 'user.created');
    expect(JSON.stringify(eventsOf(reader))).not.toContain('undecided');
    await runner.commitTransaction();
    await runner.release();
    await seal();
    await aboutSubject(reader, 'undecided', 'user.updated');
    await app.dataSource
      .transaction(async (manager) => {
        await manager.query(
          `INSERT INTO audit_inbox (id, at, event, outcome, subject, details)
           VALUES (gen_random_uuid(), now(), 'user.updated', 'success', 'undone', '{}')`,
        );
        throw new Error('undone');
      })
      .catch(() => undefined);
    const { id: after } = await app.createUser();
    await seal();
    await aboutSubject(reader, after, 'user.created');
    expect(JSON.stringify(eventsOf(reader))).not.toContain('undone');
  });

  it('a service with the scope audit:read may follow, and a place is free again when one has gone', async () => {
    const admin = await app.adminToken();
    const service = await ServiceAccount.create(app, admin, { scopes: ['audit:read'] });
    const its = await service.token();
    const five: FeedReader[] = [];
    while (five.length < 5) five.push(await opened({ token: its }));
    const refused = await open();
    expect(refused.answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    five[0]!.close();
    expect((await opened()).answer.statusCode).toBe(200);
  });

  it.each(['x', '-1', '9999999999999999', '1,2'])('the Last-Event-ID %j is refused', async (id) => {
    const { answer } = await open({ headers: { 'last-event-id': id } });
    expect(answer.statusCode).toBe(400);
  });

  it('a number that no event has yet is refused, since a restored log would be skipped in silence', async () => {
    const { answer } = await open({ headers: { 'last-event-id': '999999999' } });
    expect(answer.statusCode).toBe(400);
  });

  it('ends when the service stops', async () => {
    const reader = await opened({}, other);
    const drained = other.app.get(ConnectionDrain).begin();
    await reader.end();
    await drained;
  });
});

describe('a stream of the audit log ends with the access that opened it', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const follow = async () => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'auditor'] });
    const reader = await FeedReader.open(app.http.baseUrl, { token: tokens.access_token, path: PATH });
    expect(reader.answer.statusCode).toBe(200);
    return { user, token: tokens.access_token, reader };
  };

  it('at sign-out', async () => {
    const { token, reader } = await follow();
    await app.http.post('/auth/logout', undefined, { token });
    await reader.end();
  });

  it('when the role is taken away, or the user disabled, by an administrator', async () => {
    const admin = await app.adminToken();
    for (const change of [{ roles: ['user'] }, { status: 'disabled' }]) {
      const { user, reader } = await follow();
      expect((await app.http.patch(`/users/${user.id}`, change, { token: admin })).status).toBe(200);
      await reader.end();
    }
  });

  it('when the token expires, before any further event is told', async () => {
    const { user, reader } = await follow();
    app.clock.advance(3600);
    await app.http.patch('/users/me', { display_name: 'Later' }, { token: (await app.login(user.email)).access_token });
    await app.app.get(AuditSealer).sealAll();
    await reader.end();
    expect(eventsOf(reader).filter(({ event }) => event === 'user.updated')).toEqual([]);
  });
});
