import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { PollService } from '../../src/shared-signals/poll/poll.service.js';
import { TestApp } from '../support/create-app.js';
import { RowLock } from '../support/row-lock.js';
import { setVerifier } from '../support/signal-receiver.js';
import { AUDIENCE, sessionsIn, SignalStreams, STREAM_UPDATED, typeOf } from '../support/signal-streams.js';
import { soon } from './service-process.js';

interface Poll {
  sets: Record<string, string>;
  moreAvailable?: boolean;
}
const AT_ONCE = { returnImmediately: true };
const isWaiting = (app: TestApp, polls: number) => soon(() => app.app.get(PollService)['waiting'].size === polls);
const isEmpty = ({ sets }: Poll) => Object.keys(sets).length === 0;

describe('a receiver of shared signals that polls', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let stream: StreamView;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());
  // RFC 8936 is what a receiver gets that asks for nothing else.
  beforeEach(async () => void (stream = await streams.create()));
  afterEach(() => streams.delete(stream));

  const poll = async (body: object): Promise<Poll> => {
    const { pathname } = new URL(stream.delivery.endpoint_url);
    const headers = { authorization: stream.delivery.authorization_header! };
    const answer = await app.http.post<Poll>(pathname, body, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    return answer.body;
  };
  const read = ({ sets }: Poll) => Promise.all(Object.values(sets).map(setVerifier(app.http.baseUrl, () => AUDIENCE)));

  it('is told at its creation with what to poll, and never again', async () => {
    expect(stream.delivery).toEqual({
      method: 'urn:ietf:rfc:8936',
      endpoint_url: `http://localhost:3000/shared-signals/streams/${stream.stream_id}/poll`,
      authorization_header: expect.stringMatching(/^Bearer css_[\w-]{43}$/) as string,
    });
    const list = await app.http.get('/shared-signals/streams', await streams.admin());
    expect(list.text).toContain(stream.stream_id);
    expect(list.text).not.toContain('css_');
    const [row] = await app.dataSource.query<[object]>('SELECT * FROM signal_streams');
    expect(JSON.stringify(row)).not.toContain(stream.delivery.authorization_header!.slice(-20));
  });

  it('gets what has happened until it acknowledges, in its order', async () => {
    const sessions = [await streams.logout(), await streams.logout()];
    const first = await poll(AT_ONCE);
    expect(first).not.toHaveProperty('moreAvailable');
    const sets = await read(first);
    expect(sessionsIn(sets)).toEqual(sessions);
    expect(Object.keys(first.sets)).toEqual(sets.map(({ jti }) => jti));

    expect(Object.keys((await poll(AT_ONCE)).sets)).toEqual(Object.keys(first.sets));
    const rest = await poll({ ...AT_ONCE, ack: [sets[0]!.jti, 'unknown', sets[0]!.jti] });
    expect(Object.keys(rest.sets)).toEqual([sets[1]!.jti]);
    expect(await poll({ ...AT_ONCE, ack: [sets[1]!.jti] })).toEqual({ sets: {} });
    expect(await streams.waiting()).toBe(0);
  });

  it('gets as many as it wants, and hears that there are more', async () => {
    for (let n = 0; n < 3; n++) await streams.logout();
    const two = await poll({ maxEvents: 2, ...AT_ONCE });
    expect(Object.keys(two.sets)).toHaveLength(2);
    expect(two.moreAvailable).toBe(true);
    // RFC 8936 2.4.2: acknowledges alone, and waits for nothing.
    expect(await poll({ maxEvents: 0, ack: Object.keys(two.sets) })).toEqual({ sets: {} });
    const last = await poll({ maxEvents: 2, ...AT_ONCE });
    expect(Object.keys(last.sets)).toHaveLength(1);
    expect(last).not.toHaveProperty('moreAvailable');
  });

  it('says what it cannot use, which the log names, and gets that no more', async () => {
    await streams.logout();
    const { sets } = await poll(AT_ONCE);
    const [jti] = Object.keys(sets) as [string];
    const setErrs = { [jti]: { err: 'invalid_key', description: 'unknown' }, '../x': { err: 'a' }, y: null };
    expect(await poll({ ...AT_ONCE, setErrs })).toEqual({ sets: {} });
    const lines = app.logLines.filter((line) => line.includes('signal_refused'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ stream: stream.stream_id, jti, err: 'invalid_key' });
  });

  it('waits until something happens, and hears of it then', async () => {
    // No poll waits for ever: whoever hears nothing asks again.
    const hear = async (): Promise<Poll> => {
      const answer = await poll({});
      return isEmpty(answer) ? hear() : answer;
    };
    const asked = hear();
    const others = [hear(), hear()];
    expect(await isWaiting(app, 3)).toBe(true);
    // Another stream's event wakes, and does not answer.
    await app.http.post(
      '/shared-signals/verification',
      { stream_id: (await streams.create()).stream_id },
      await streams.admin(),
    );
    let answered = false;
    void asked.then(() => (answered = true));
    const { tokens } = await app.signedInUser();
    expect(answered).toBe(false);
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    for (const answer of [await asked, ...(await Promise.all(others))])
      expect(Object.keys(answer.sets)).toHaveLength(1);
  });

  it('does not wait beside too many others', async () => {
    const heard = async (): Promise<number> => {
      const polls = [poll({}), poll({}), poll({}), poll({}), poll({})];
      expect(await Promise.race(polls)).toEqual({ sets: {} });
      await streams.logout();
      const answers = await Promise.all(polls);
      const { sets } = await poll(AT_ONCE);
      await poll({ ...AT_ONCE, ack: Object.keys(sets) });
      return answers.filter((answer) => !isEmpty(answer)).length;
    };
    // Again where the time of all of them was up before anything had happened.
    let count = await heard();
    for (let again = 0; count === 0 && again < 10; again++) count = await heard();
    expect(count).toBe(4);
  });

  it('leaves no place taken where it hangs up while it acknowledges', async () => {
    await streams.logout();
    const ack = Object.keys((await poll(AT_ONCE)).sets);
    const lock = await RowLock.take(app, 'SELECT FROM signal_events WHERE stream_id = $1 FOR UPDATE', [
      stream.stream_id,
    ]);
    const accepted: Socket[] = [];
    const accept = (socket: Socket) => accepted.push(socket);
    const server = app.app.getHttpServer().on('connection', accept);
    const { pathname } = new URL(stream.delivery.endpoint_url);
    const headers = { authorization: stream.delivery.authorization_header!, 'content-type': 'application/json' };
    const asked = Array.from({ length: 4 }, () =>
      request(app.http.baseUrl + pathname, { method: 'POST', headers, agent: false }).on('error', () => undefined),
    );
    for (const one of asked) one.end(JSON.stringify({ ack }));
    await lock.isWaitedFor(4);
    server.off('connection', accept);
    for (const one of asked) one.destroy();
    expect(await soon(() => accepted.every(({ destroyed }) => destroyed))).toBe(true);
    await lock.release();
    expect(await soon(async () => isEmpty(await poll(AT_ONCE)))).toBe(true);
    // As many as one stream may hold open: without a place none of them would wait.
    const polls = Array.from({ length: 4 }, () => poll({}));
    expect(await isWaiting(app, 4)).toBe(true);
    await streams.logout();
    expect((await Promise.all(polls)).some(isEmpty)).toBe(false);
  });

  it('hears that it is paused, and nothing else until it is enabled', async () => {
    await streams.setStatus(stream, 'paused');
    await streams.logout();
    const first = await poll(AT_ONCE);
    expect((await read(first)).map(typeOf)).toEqual([STREAM_UPDATED]);
    expect(await poll({ ...AT_ONCE, ack: Object.keys(first.sets) })).toEqual({ sets: {} });
    await streams.setStatus(stream, 'enabled');
    expect(sessionsIn(await read(await poll(AT_ONCE)))).toHaveLength(1);
  });

  it('keeps its secret when its configuration is sent back as it was read', async () => {
    const path = '/shared-signals/streams';
    const shown = await app.http.get<StreamView>(`${path}?stream_id=${stream.stream_id}`, await streams.admin());
    expect(shown.body.delivery).not.toHaveProperty('authorization_header');
    for (const body of [shown.body, stream]) {
      for (const method of ['PATCH', 'PUT']) {
        const answer = await app.http.send<StreamView>(method, path, { body, ...(await streams.admin()) });
        expect(answer).toMatchObject({ status: 200, body: shown.body });
        expect(answer.body.delivery).not.toHaveProperty('authorization_header');
        expect(await poll(AT_ONCE)).toEqual({ sets: {} });
      }
    }
    const delivery = { ...stream.delivery, authorization_header: 'Bearer another' };
    const changes = { stream_id: stream.stream_id, delivery };
    expect((await app.http.patch(path, changes, await streams.admin())).status).toBe(400);
  });

  it('gets a new secret where one is asked for, and the old one is void', async () => {
    const old = stream;
    const delivery = { method: 'urn:ietf:rfc:8936', authorization_header: null };
    const changes = { stream_id: stream.stream_id, delivery };
    const answer = await app.http.patch<StreamView>('/shared-signals/streams', changes, await streams.admin());
    stream = answer.body;
    expect(await poll(AT_ONCE)).toEqual({ sets: {} });
    const { pathname } = new URL(old.delivery.endpoint_url);
    const headers = { authorization: old.delivery.authorization_header! };
    expect(await app.http.post(pathname, AT_ONCE, { headers })).toMatchObject({ status: 401 });
  });

  it.each([
    { maxEvents: -1 },
    { maxEvents: 1.5 },
    { maxEvents: '1' },
    { returnImmediately: 'yes' },
    { ack: 'a' },
    { ack: [1] },
    { ack: ['a'.repeat(101)] },
    { setErrs: [] },
    { setErrs: 'a' },
  ])('is refused with %j', async (body) => {
    const { pathname } = new URL(stream.delivery.endpoint_url);
    const headers = { authorization: stream.delivery.authorization_header! };
    expect(await app.http.post(pathname, body, { headers })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('is told that it may not before what it has sent is judged', async () => {
    const { pathname } = new URL(stream.delivery.endpoint_url);
    for (const headers of [{}, { authorization: 'Bearer css_nobody' }] as Record<string, string>[]) {
      const answer = await app.http.post(pathname, { maxEvents: -1, ack: 'a' }, { headers });
      expect(answer.status).toBe(401);
    }
  });

  it('may send what we do not know', async () => {
    expect(await poll({ ...AT_ONCE, more: 1 })).toEqual({ sets: {} });
  });
});

describe('the service stops while a receiver waits', () => {
  it('and answers it first', async () => {
    const app = await TestApp.start({ RATE_LIMITS: 'false' });
    const streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
    const { delivery } = await streams.create();
    const headers = { authorization: delivery.authorization_header! };
    const asked = app.http.post<Poll>(new URL(delivery.endpoint_url).pathname, {}, { headers });
    expect(await isWaiting(app, 1)).toBe(true);
    await app.close();
    expect(await asked).toMatchObject({ status: 200, body: { sets: {} } });
  });
});
