import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { claimsOf, FeedReader, fingerprintOf, verifiedFrame, verifiedSnapshot } from '../support/feed-reader.js';

describe('a verifier follows the stream of revocations', () => {
  let app: TestApp;
  let url: string;
  const readers: FeedReader[] = [];
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', CORS_ORIGINS: 'https://app.example' });
    url = app.http.baseUrl;
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(() => app.close());

  const open = async (options: Parameters<typeof FeedReader.open>[1] = {}): Promise<FeedReader> => {
    const reader = await FeedReader.open(url, options);
    readers.push(reader);
    return reader;
  };
  const logOut = async (): Promise<string> => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await app.http.post('/auth/logout', undefined, { token })).status).toBe(204);
    return token;
  };

  /** Until the application, and not only the caller, knows of what has been answered. */
  const settled = () => app.app.get(RevocationService).catchUp();

  it('and hears first who is speaking, and when, in answer to this very request', async () => {
    const reader = await open({ nonce: '3q2-7wAAAA3q2-7wAAAA3q' });
    const hello = await reader.event(() => true);
    expect(hello).toMatchObject({ event: 'hello', id: null });
    const frame = await verifiedFrame(url, hello.data);
    expect(frame).toEqual({
      iat: expect.any(Number),
      seq: expect.any(Number),
      n: 0,
      now: expect.any(Number),
      nonce: '3q2-7wAAAA3q2-7wAAAA3q',
    });
    expect(frame.iat).toBeLessThanOrEqual(frame.now!);
    expect(Math.abs(frame.now! - Date.now() / 1000)).toBeLessThan(10);
  });

  it('with the headers of every answer, those of a stream, and origins that are let in', async () => {
    const { answer } = await open({ headers: { origin: 'https://app.example' } });
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'transfer-encoding': 'chunked',
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.any(String),
        'access-control-allow-origin': 'https://app.example',
        connection: 'close',
      },
    });
    const stranger = await open({ headers: { origin: 'https://evil.example' } });
    expect(stranger.answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('a logout is told at once, in at most 300 bytes', async () => {
    const reader = await open();
    await reader.event(({ event }) => event === 'snapshot');
    const token = await logOut();
    const { id, data, bytes } = await reader.frameOf(token);
    const frame = await verifiedFrame(url, data);
    expect(frame).toEqual({
      iat: expect.any(Number),
      seq: id,
      n: 1,
      sessions: { [Object.keys(frame.sessions!)[0]!]: fingerprintOf(token) },
    });
    const forgotten = Number(Object.keys(frame.sessions!)[0]);
    expect(forgotten).toBeGreaterThan(Date.now() / 1000 + 600);
    expect(forgotten % 60).toBe(0);
    expect(bytes).toBeLessThanOrEqual(300);
  });

  it('without a number it begins with all that is revoked, in one snapshot', async () => {
    const tokens = [await logOut(), await logOut()];
    const reader = await open();
    const { id, data } = await reader.event(({ event }) => event === 'snapshot');
    const snapshot = await verifiedSnapshot(url, data);
    const told = new Set(snapshot.fingerprints);
    // The snapshot may be a second old; a frame brings what has been revoked since.
    for (const token of tokens) if (!told.has(fingerprintOf(token))) await reader.frameOf(token);
    expect(snapshot).toMatchObject({ iss: 'http://localhost:3000', seq: id });
    expect(reader.events.slice(0, 2).map(({ event }) => event)).toEqual(['hello', 'snapshot']);
  });

  it.each(['from', 'Last-Event-ID'])('by %s it goes on where it was, without gap and without snapshot', async (by) => {
    const before = await open();
    const first = await logOut();
    const { id } = await before.frameOf(first);
    before.close();
    const missed = [await logOut(), await logOut(), await logOut()];
    await settled();

    // What the header says wins.
    const reader = await open(by === 'from' ? { from: id! } : { from: 0, headers: { 'last-event-id': String(id) } });
    const { data } = await reader.frameOf(missed[2]!);
    const frame = await verifiedFrame(url, data);
    expect(frame).toMatchObject({ seq: id! + 3, n: 3 });
    expect(Object.values(frame.sessions!).join('')).toBe(missed.map(fingerprintOf).join(''));
    expect(reader.events.map(({ event }) => event)).not.toContain('snapshot');

    const next = await logOut();
    expect(await verifiedFrame(url, (await reader.frameOf(next)).data)).toMatchObject({ seq: id! + 4, n: 1 });
  });

  it('who is up to date hears nothing but the greeting until something happens', async () => {
    await logOut();
    await settled();
    const { seq } = await verifiedFrame(url, (await (await open()).event(() => true)).data);
    const reader = await open({ from: seq });
    const token = await logOut();
    await reader.frameOf(token);
    const frames = reader.events.slice(1).map(({ event, data }) => [event, claimsOf(data)] as const);
    // Heartbeats come when they come.
    expect(frames.filter(([, { n }]) => n !== 0)).toMatchObject([['', { seq: seq + 1, n: 1 }]]);
  });

  it('a number that the log has not reached gets a snapshot', async () => {
    const { seq } = await verifiedFrame(url, (await (await open()).event(() => true)).data);
    const ahead = await open({ from: seq + 1 });
    expect((await ahead.event(({ event }) => event !== 'hello')).event).toBe('snapshot');
  });

  it('so does one that is far behind, and a frame where it is less far', async () => {
    const { seq } = await verifiedFrame(url, (await (await open()).event(() => true)).data);
    await app.dataSource.query(
      `WITH head AS (UPDATE revocation_head SET seq = seq + 1001 RETURNING seq - 1001 AS seq)
       INSERT INTO revocations (seq, session_id, revoked_at, expires_at)
       SELECT seq + n, gen_random_uuid(), now(), now() + interval '1 hour' FROM head, generate_series(1, 1001) AS n`,
    );
    await app.app.get(RevocationService).catchUp();
    const eventBehind = async (from: number) => (await open({ from })).event(({ event }) => event !== 'hello');
    expect((await eventBehind(seq)).event).toBe('snapshot');
    const { event, data } = await eventBehind(seq + 1);
    expect(event).toBe('');
    expect(await verifiedFrame(url, data)).toMatchObject({ seq: seq + 1001, n: 1000 });
  });

  it('hears of reduced roles as an epoch of the user', async () => {
    const { tokens: admin } = await app.signedInAdmin();
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'orders'] });
    const reader = await open();
    const answer = await app.http.patch(`/users/${user.id}`, { roles: ['user'] }, { token: admin.access_token });
    expect(answer.status).toBe(200);
    const { data } = await reader.event(
      ({ event, id }) => event === '' && id === Number(answer.headers.get('revocation-seq')),
    );
    const frame = await verifiedFrame(url, data);
    const { iat } = decodeToken<{ iat: number }>(tokens.access_token).claims;
    expect(frame).toEqual({ iat: expect.any(Number), seq: frame.seq, n: 1, users: { [user.id]: expect.any(Number) } });
    expect(frame.users![user.id]).toBeGreaterThanOrEqual(iat);
  });

  it('hears that a key has leaked, by the word of its successor', async () => {
    const { tokens: admin } = await app.signedInAdmin();
    const kidOf = (jws: string) => decodeToken(jws).header.kid;
    const leaked = kidOf(admin.access_token);
    const reader = await open();
    await reader.event(({ event }) => event === 'snapshot');
    const answer = await app.http.post('/keys/rotate', { emergency: true }, { token: admin.access_token });
    const { data } = await reader.event(
      ({ id, event }) => event === '' && id === Number(answer.headers.get('revocation-seq')),
    );
    expect(await verifiedFrame(url, data)).toMatchObject({ keys: { [leaked]: expect.any(Number) } });
    expect(kidOf(data)).not.toBe(leaked);
    // No snapshot signed by the leaked key is told any more.
    const { data: snapshot } = await (await open()).event(({ event }) => event === 'snapshot');
    expect((await verifiedSnapshot(url, snapshot)).keys).toHaveProperty(leaked);
  });

  it('hears a heartbeat, whose time goes on', async () => {
    const reader = await open();
    const hello = await verifiedFrame(url, (await reader.event(() => true)).data);
    const { data, id } = await reader.event(({ event }) => event === '');
    const beat = await verifiedFrame(url, data);
    expect(beat).toEqual({ iat: expect.any(Number), seq: id, n: 0 });
    await reader.event(({ data: other }) => other !== data && reader.events.length > 3);
    const next = await verifiedFrame(url, reader.events.at(-1)!.data);
    expect(beat.iat).toBeGreaterThanOrEqual(hello.iat);
    expect(next.iat).toBeGreaterThan(beat.iat);
  });

  it('loses nothing of a burst, whenever it began to listen', async () => {
    const { email } = await app.createUser();
    const sessions: TokenResponse[] = [];
    for (let n = 0; n < 40; n++) sessions.push(await app.login(email));
    const opened = Promise.all(Array.from({ length: 20 }, () => open()));
    await Promise.all(sessions.map(({ access_token: token }) => app.http.post('/auth/logout', undefined, { token })));
    await settled();
    for (const reader of await opened) {
      const last = await verifiedFrame(url, (await (await open()).event(() => true)).data);
      await reader.event(({ id }) => id === last.seq);
      const told = new Set<string>();
      let applied = -1;
      for (const { event, data } of reader.events.slice(1)) {
        if (event === 'snapshot') {
          const { fingerprints, seq } = await verifiedSnapshot(url, data);
          for (const one of fingerprints) told.add(one);
          applied = seq;
        } else {
          const { seq, n, sessions: named = {} } = await verifiedFrame(url, data);
          expect(seq - n).toBeLessThanOrEqual(applied);
          expect(seq).toBeGreaterThanOrEqual(applied);
          for (const one of Object.values(named).join('').match(/.{10}/g) ?? []) told.add(one);
          applied = seq;
        }
      }
      for (const { access_token } of sessions) expect(told).toContain(fingerprintOf(access_token));
    }
  });
});
