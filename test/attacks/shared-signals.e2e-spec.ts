import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { TestApp } from '../support/create-app.js';
import { Listener } from '../support/listener.js';
import { accept, setVerifier, SignalReceiver } from '../support/signal-receiver.js';
import { AUDIENCE, POLL, PUSH, sessionsIn, SignalStreams } from '../support/signal-streams.js';
import { soon } from '../flows/service-process.js';

const STREAMS = '/shared-signals/streams';
const secretOf = ({ delivery }: StreamView): string => delivery.authorization_header!;

describe('a receiver of shared signals that means ill', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let good: SignalReceiver;
  let bad: Listener;
  let made: StreamView[];
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.logLines.length = 0;
    good = await SignalReceiver.start(setVerifier(app.http.baseUrl, () => AUDIENCE));
    made = [];
  });
  afterEach(async () => {
    for (const stream of made) await streams.delete(stream);
    await good.stop();
    await bad.stop();
  });

  const start = async (answer: (socket: Socket) => void) => {
    bad = await Listener.start(answer);
    for (const endpoint_url of [`http://127.0.0.1:${bad.port}/events`, good.url]) {
      made.push(await streams.create({ delivery: { method: PUSH, endpoint_url, authorization_header: 'Bearer s' } }));
    }
  };
  const failures = () =>
    app.logLines.filter((line) => line.includes('signals_push_failed') && line.includes(made[0]!.stream_id));
  const isRefused = () => soon(() => Promise.resolve(failures().length > 0));
  const waits = () => soon(async () => (await streams.waiting()) === 1);

  it.each([301, 302, 303, 307, 308])('is not followed where it redirects to with %i', async (status) => {
    const victim = await Listener.start();
    const location = `http://127.0.0.1:${victim.port}/admin`;
    await start((socket) =>
      socket.end(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`),
    );
    await streams.logout();
    expect(await isRefused()).toBe(true);
    expect(failures()[0]).toContain(`HTTP ${status}`);
    expect(victim.sockets).toHaveLength(0);
    expect(await waits()).toBe(true);
    await victim.stop();
  });

  it('cannot fill the memory: its answer is cut off', async () => {
    let written = 0;
    await start((socket) => {
      socket.write('HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\n\r\n{"err":"');
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pour = () => {
        while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
        if (!socket.destroyed) socket.once('drain', pour);
      };
      pour();
    });
    await streams.logout();
    expect(await isRefused()).toBe(true);
    expect(await soon(() => Promise.resolve(bad.closed > 0))).toBe(true);
    // What fits into the buffers of two sockets, and not what it had to give.
    expect(written).toBeLessThan(16 * 1024 * 1024);
    expect(await waits()).toBe(true);
  });

  it.each([
    ['never answers', () => undefined],
    ['never ends its header', (socket: Socket) => void socket.write('HTTP/1.1 202 Acc')],
    [
      'drips its body',
      (socket: Socket) => {
        socket.write('HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\n\r\n');
        const timer = setInterval(() => socket.write(' '), 200);
        socket.once('close', () => clearInterval(timer));
      },
    ],
  ])('that %s is left after ten seconds, and holds up nobody else', async (_, answer) => {
    await start(answer);
    const sid = await streams.logout();
    expect(await soon(() => Promise.resolve(good.received.length > 0))).toBe(true);
    expect(sessionsIn(good.received)).toEqual([sid]);
    expect(bad.closed).toBe(0);
    expect(await isRefused()).toBe(true);
    expect(failures()[0]).toContain('no answer in time');
    expect(await soon(() => Promise.resolve(bad.closed > 0))).toBe(true);
  });

  it('gets no header of its own making into our request', async () => {
    bad = await Listener.start();
    const endpoint_url = `http://127.0.0.1:${bad.port}/`;
    for (const authorization_header of [
      'Bearer a\r\nX-Evil: 1',
      'Bearer a\n',
      'Bearer ä',
      '',
      ' ',
      'a\u0000',
      'x'.repeat(1025),
    ]) {
      const delivery = { method: PUSH, endpoint_url, authorization_header };
      const answer = await app.http.post(STREAMS, { delivery }, await streams.admin());
      expect([authorization_header, answer.status]).toEqual([authorization_header, 400]);
    }
  });

  it('finds no secret in the database', async () => {
    await start(() => undefined);
    const rows = await app.dataSource.query<{ authorization_header: Buffer }[]>('SELECT * FROM signal_streams');
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row.authorization_header.toString('latin1')).not.toContain('Bearer');
      expect(row.authorization_header.length).toBeGreaterThan('Bearer s'.length);
    }
  });

  it('gets nothing that passes for an access token', async () => {
    await start(() => undefined);
    good.answer = accept;
    await streams.logout();
    expect(await soon(() => Promise.resolve(good.received.length > 0))).toBe(true);
    const { body: token } = good.requests[0]!;
    expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
  });
});

describe('polling the events of others', () => {
  let app: TestApp;
  let streams: SignalStreams;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());

  const poll = (id: string, authorization?: string, body: object = { returnImmediately: true }) =>
    app.http.post<{ sets?: object; code?: string }>(`${STREAMS}/${id}/poll`, body, {
      headers: authorization === undefined ? {} : { authorization },
    });

  it('needs the secret of that very stream', async () => {
    const [mine, theirs] = [await streams.create(), await streams.create()];
    const pushed = await streams.create({ delivery: { method: PUSH, endpoint_url: 'https://receiver.example.com/' } });
    const secret = secretOf(mine);
    await streams.logout();
    const { sets } = (await poll(mine.stream_id, secret)).body;
    expect(Object.keys(sets!)).toHaveLength(1);
    const { token: admin } = await streams.admin();
    const { tokens } = await app.signedInUser();
    const foreign = [
      secret,
      `${secretOf(theirs)}x`,
      secretOf(theirs).slice(0, -1),
      secretOf(theirs).toUpperCase(),
      secretOf(theirs).replace('Bearer ', 'Basic '),
      secretOf(theirs).replace('Bearer ', ''),
      `Bearer ${tokens.refresh_token}`,
      'Bearer ',
      '',
      undefined,
    ];
    const unknown = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
    for (const id of [theirs.stream_id, pushed.stream_id, unknown]) {
      for (const authorization of foreign) {
        const ack = Object.keys(sets!);
        const answer = await poll(id, authorization, { ack, returnImmediately: true });
        expect([id, authorization, answer.status, answer.body.sets]).toEqual([id, authorization, 401, undefined]);
      }
    }
    // People poll nothing, whoever they are.
    for (const id of [mine.stream_id, theirs.stream_id, pushed.stream_id, unknown]) {
      for (const token of [admin, tokens.access_token]) expect((await poll(id, `Bearer ${token}`)).status).toBe(403);
    }
    // Nobody tells a stream that is not there from one with another secret.
    const [there, notThere] = [await poll(theirs.stream_id, secret), await poll(unknown, secret)];
    expect({ ...there.body, request_id: '' }).toEqual({ ...notThere.body, request_id: '' });
  });

  it('nobody acknowledges what belongs to another stream', async () => {
    const [mine, theirs] = [await streams.create(), await streams.create()];
    await streams.logout();
    const { sets } = (await poll(theirs.stream_id, secretOf(theirs))).body;
    const ack = Object.keys(sets!);
    expect(ack).toHaveLength(1);
    const setErrs = Object.fromEntries(ack.map((jti) => [jti, { err: 'invalid_key' }]));
    await poll(mine.stream_id, secretOf(mine), { ack, setErrs, returnImmediately: true });
    const again = await poll(theirs.stream_id, secretOf(theirs));
    expect(Object.keys(again.body.sets!)).toEqual(ack);
  });

  it('nobody but an administrator makes a stream, reads one, or moves one elsewhere', async () => {
    const { stream_id } = await streams.create();
    const { tokens } = await app.signedInUser();
    const token = tokens.access_token;
    const delivery = { method: POLL };
    const attempts = [
      app.http.post(STREAMS, { delivery }, { token }),
      app.http.get(STREAMS, { token }),
      app.http.get(`${STREAMS}?stream_id=${stream_id}`, { token }),
      app.http.patch(STREAMS, { stream_id, delivery }, { token }),
      app.http.delete(`${STREAMS}?stream_id=${stream_id}`, { token }),
      app.http.post('/shared-signals/status', { stream_id, status: 'disabled' }, { token }),
      app.http.post('/shared-signals/verification', { stream_id }, { token }),
    ];
    for (const answer of await Promise.all(attempts)) expect(answer).toMatchObject({ status: 403 });
    expect(await streams.statusOf({ stream_id } as StreamView)).toMatchObject({ status: 'enabled' });
  });
});
