import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/platform/database/database.js';
import { Outbox } from '../../src/shared-signals/delivery/outbox.js';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { accept, busy, setVerifier, SignalReceiver, type ReceivedSet } from '../support/signal-receiver.js';
import {
  AUDIENCE,
  eventOf,
  PUSH,
  sessionsIn,
  SignalStreams,
  STREAM_UPDATED,
  TOKEN_CLAIMS_CHANGE,
  typeOf,
} from '../support/signal-streams.js';
import { soon } from './service-process.js';

const DAY = 86_400;

describe('events on their way to a receiver that', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let receiver: SignalReceiver;
  let stream: StreamView;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.logLines.length = 0;
    receiver = await SignalReceiver.start(setVerifier(app.http.baseUrl, () => AUDIENCE));
    const delivery = { method: PUSH, endpoint_url: receiver.url, authorization_header: 'Bearer let-me-in' };
    stream = await streams.create({ delivery });
  });
  afterEach(async () => {
    await streams.delete(stream);
    await receiver.stop();
    expect(receiver.faults).toEqual([]);
  });

  const receives = (count: number) => soon(() => Promise.resolve(receiver.received.length >= count));
  const isAsked = () => soon(() => Promise.resolve(receiver.requests.length > 0));
  const isDone = () => soon(async () => (await streams.waiting()) === 0);
  /** Lets so many seconds go by for receivers that fail, and for leases, by the clock of the database. */
  const age = (seconds: number) =>
    app.dataSource.query(
      `UPDATE signal_streams SET next_push_at = next_push_at - make_interval(secs => $1),
         failing_since = failing_since - make_interval(secs => $1), leased_until = leased_until - make_interval(secs => $1)`,
      [seconds],
    );

  it('gets everything once it has recovered, the same event under the same id', async () => {
    receiver.answer = busy;
    const sessions = [await streams.logout(), await streams.logout(), await streams.logout()];
    expect(await isAsked()).toBe(true);
    receiver.answer = accept;
    expect(await receives(3)).toBe(true);
    expect(sessionsIn(receiver.received).sort()).toEqual(sessions.sort());
    const ids = receiver.requests.map(({ body }) => decodeToken<ReceivedSet>(body).claims);
    expect(new Set(ids.map(({ jti }) => jti)).size).toBe(3);
    expect(receiver.requests.length).toBeGreaterThan(3);
    expect(await isDone()).toBe(true);
    expect(await streams.statusOf(stream)).toMatchObject({ status: 'enabled' });
  });

  it('gets what it refuses for good no second time, and the log names it', async () => {
    receiver.answer = (response) =>
      void response.writeHead(400, { 'content-type': 'application/json' }).end('{"err":"invalid_key"}');
    await streams.logout();
    expect(await isDone()).toBe(true);
    expect(receiver.requests).toHaveLength(1);
    expect(app.logLines.filter((line) => line.includes('signal_refused'))).toHaveLength(1);
    expect(app.logLines.join()).toContain('invalid_key');
    expect(app.logLines.join()).not.toContain('let-me-in');
  });

  it('that is paused is told so, and gets the rest when it is enabled', async () => {
    await streams.setStatus(stream, 'paused', 'Maintenance');
    expect(await receives(1)).toBe(true);
    const { email } = await app.createUser();
    const sessions = [await streams.logout(email), await streams.logout(email)];
    await age(300);
    // Nobody would send anything, not even now.
    expect(await app.app.get(Outbox).claim()).toBeNull();
    expect(receiver.received.map((set) => [typeOf(set), eventOf(set)])).toEqual([
      [STREAM_UPDATED, { status: 'paused', reason: 'Maintenance' }],
    ]);
    expect(receiver.received[0]!.sub_id).toEqual({ format: 'opaque', id: stream.stream_id });
    expect(await streams.waiting()).toBe(2);
    await streams.setStatus(stream, 'enabled');
    expect(await receives(4)).toBe(true);
    expect(sessionsIn(receiver.received)).toEqual(sessions);
  });

  it('that is disabled is told so, and of nothing that happens meanwhile', async () => {
    receiver.answer = busy;
    await streams.logout();
    await streams.setStatus(stream, 'disabled');
    await streams.logout();
    receiver.answer = accept;
    expect(await receives(1)).toBe(true);
    expect(await isDone()).toBe(true);
    expect(receiver.received.map((set) => [typeOf(set), eventOf(set)])).toEqual([
      [STREAM_UPDATED, { status: 'disabled' }],
    ]);
    await streams.setStatus(stream, 'enabled');
    const sid = await streams.logout();
    expect(await receives(3)).toBe(true);
    expect(sessionsIn(receiver.received)).toEqual([sid]);
  });

  it('that fails for a day is paused, which says why, and keeps its events', async () => {
    receiver.answer = busy;
    await streams.logout();
    expect(await isAsked()).toBe(true);
    expect(await streams.statusOf(stream)).toEqual({ stream_id: stream.stream_id, status: 'enabled' });
    await age(DAY);
    expect(await soon(async () => 'reason' in (await streams.statusOf(stream)))).toBe(true);
    expect(await streams.statusOf(stream)).toMatchObject({
      status: 'paused',
      reason: expect.stringMatching(/nothing since .*: HTTP 503$/) as string,
    });
    receiver.answer = accept;
    await age(1000);
    expect(await receives(1)).toBe(true);
    expect(receiver.received.map((set) => [typeOf(set), eventOf(set)['status']])).toEqual([[STREAM_UPDATED, 'paused']]);
    await streams.setStatus(stream, 'enabled');
    expect(await receives(3)).toBe(true);
    expect(sessionsIn(receiver.received)).toHaveLength(1);
  });

  it('that fails now and then for a day is not', async () => {
    receiver.answer = busy;
    await streams.logout();
    expect(await isAsked()).toBe(true);
    await streams.logout();
    const answers = [accept, busy];
    receiver.answer = (response) => (answers.shift() ?? accept)(response);
    await age(DAY);
    expect(await receives(2)).toBe(true);
    expect(answers).toEqual([]);
    expect(await streams.statusOf(stream)).toEqual({ stream_id: stream.stream_id, status: 'enabled' });
    expect(receiver.received.map(typeOf)).not.toContain(STREAM_UPDATED);
  });

  it('loses what is older than a week, and the stream counts it', async () => {
    await streams.setStatus(stream, 'paused');
    expect(await receives(1)).toBe(true);
    await streams.logout();
    app.clock.advance(6 * DAY);
    await streams.logout();
    expect(await app.app.get(Outbox).drop()).toEqual([]);
    app.clock.advance(DAY + 1);
    expect(await app.app.get(Outbox).drop()).toEqual([{ streamId: stream.stream_id, dropped: 1 }]);
    const path = `/shared-signals/streams?stream_id=${stream.stream_id}`;
    expect((await app.http.get(path, await streams.admin())).body).toMatchObject({ dropped_events: 1 });
    expect(await streams.waiting()).toBe(1);
  });

  it('loses the oldest of more than 100,000 that wait', async () => {
    await streams.setStatus(stream, 'paused');
    expect(await receives(1)).toBe(true);
    await app.app.get(Database).executeLong(
      {
        name: '',
        text: `INSERT INTO signal_events (stream_id, type, event, txn, created_at)
       SELECT $1, 'urn:example', to_jsonb(n), 't', $2 FROM generate_series(1, 100007) AS n`,
      },
      [stream.stream_id, app.clock.date()],
    );
    expect(await app.app.get(Outbox).drop()).toEqual([{ streamId: stream.stream_id, dropped: 7 }]);
    expect(await app.dataSource.query('SELECT min(event::text::integer) AS oldest FROM signal_events')).toEqual([
      { oldest: 8 },
    ]);
  });

  it('is served again after a sender has died with its claim', async () => {
    await app.dataSource.query(`UPDATE signal_streams SET leased_until = now() + interval '60 s', attempts = 7`);
    const sid = await streams.logout();
    expect(await app.app.get(Outbox).claim()).toBeNull();
    expect(receiver.requests).toEqual([]);
    await age(61);
    expect(await receives(1)).toBe(true);
    expect(sessionsIn(receiver.received)).toEqual([sid]);
  });

  it('gets a burst whole, and what concerns one user in its order', async () => {
    const { user } = await app.signedInUser({ roles: ['a', 'b', 'c', 'd'] });
    receiver.answer = (response) => void setTimeout(() => accept(response), Math.random() * 20);
    const remaining = [['a', 'b', 'c'], ['a', 'b'], ['a'], []];
    await streams.setStatus(stream, 'paused');
    for (const roles of remaining) await streams.setRoles(user.id, roles);
    const sessions = await Promise.all(Array.from({ length: 20 }, () => streams.logout()));
    await streams.setStatus(stream, 'enabled');
    expect(await isDone()).toBe(true);
    expect(sessionsIn(receiver.received).sort()).toEqual(sessions.sort());
    const changes = receiver.received.filter((set) => typeOf(set) === TOKEN_CLAIMS_CHANGE);
    expect(changes.map((set) => eventOf(set)['claims'])).toEqual(remaining.map((roles) => ({ roles })));
  });
});
