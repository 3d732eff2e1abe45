import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { AuditStreams } from '../../src/audit/tail/audit-streams.js';
import { TestApp } from '../support/create-app.js';
import { FeedReader } from '../support/feed-reader.js';
import { askRaw } from './raw-http.js';

const PATH = '/audit/stream';
const RECONNECTS = 3_000;
const AT_ONCE = 30;
const SLOW_READERS = 5;

/** Returns the bytes of all objects that are still in use. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('abusing the stream of the audit log', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    token = (await app.signedInUser({ roles: ['user', 'auditor'] })).tokens.access_token;
  });
  afterAll(() => app.close());

  const streams = () => app.app.get(AuditStreams);
  /** Asks for the stream, and waits for its head. */
  const openRaw = async (): Promise<Socket> => {
    const { hostname, port } = new URL(app.http.baseUrl);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 (?:200|503)/);
    return socket;
  };
  const nobodyLeft = async () => {
    while (streams().count > 0) await new Promise(setImmediate);
  };

  it(`${RECONNECTS} reconnects leave nothing behind: no place, no memory, no connection to the database`, async () => {
    const reconnect = async (times: number) => {
      const one = async () => {
        for (let n = 0; n < times / AT_ONCE; n++) (await openRaw()).destroy();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
      await nobodyLeft();
      return bytesInUse();
    };
    const before = await reconnect(RECONNECTS / 3);
    const after = await reconnect(RECONNECTS);
    // A stream that was kept would hold its request, answer and socket: some 30 kB.
    expect((after - before) / RECONNECTS).toBeLessThan(8_000);
    const server = app.app.getHttpServer() as { getConnections(done: (error: unknown, count: number) => void): void };
    expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBeLessThan(AT_ONCE);
    const reader = await FeedReader.open(app.http.baseUrl, { token, path: PATH });
    expect(reader.answer.statusCode).toBe(200);
    reader.close();
    await nobodyLeft();
  });

  it('who does not read is disconnected, little is kept for them meanwhile, and others miss nothing', async () => {
    const [{ seq: start }] = await app.dataSource.query<[{ seq: string }]>(
      'SELECT coalesce(max(seq), 0) AS seq FROM audit_checkpoints',
    );
    const reader = await FeedReader.open(app.http.baseUrl, { token, path: PATH, headers: { 'last-event-id': start } });
    const slow = await Promise.all(Array.from({ length: SLOW_READERS }, openRaw));
    for (const socket of slow) socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    // 40 MB for each, of which the kernel takes some.
    for (let batch = 0; batch < 20; batch++) {
      await app.dataSource.query(
        `INSERT INTO audit_inbox (id, at, event, outcome, details)
         SELECT gen_random_uuid(), now(), 'user.updated', 'success', jsonb_build_object('text', repeat('x', 2000)) FROM generate_series(1, 1000)`,
      );
      await app.app.get(AuditSealer).sealAll();
    }
    const [{ seq: end }] = await app.dataSource.query<[{ seq: string }]>('SELECT max(seq) AS seq FROM audit_events');
    await reader.event(({ id }) => id === Number(end));
    const ids = reader.events.filter(({ data }) => data !== '').map(({ id }) => id!);
    expect(ids).toEqual(ids.map((_, index) => Number(start) + 1 + index));
    // What the reader of this test holds itself is on the heap.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(streams().count).toBe(1 + SLOW_READERS);
    // Three beats at which nothing was read.
    for (let beat = 0; beat < 3; beat++) await streams()['beat']();
    while (streams().count > 1) await new Promise(setImmediate);
    expect(reader.ended).toBe(false);
    reader.close();
    for (const socket of slow) socket.destroy();
    await nobodyLeft();
  });

  it('a token in the query opens nothing, nor does another method', async () => {
    expect((await askRaw(app.http.baseUrl, 'GET', `${PATH}?access_token=${token}`)).status).toBe(401);
    const bearer = [`Authorization: Bearer ${token}`];
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await askRaw(app.http.baseUrl, method, PATH, bearer)).status).toBe(405);
    }
    expect(await askRaw(app.http.baseUrl, 'HEAD', PATH, bearer)).toMatchObject({ status: 200, body: '' });
    expect(streams().count).toBe(0);
  });

  it('a user without the role, and an administrator of users, read nothing', async () => {
    for (const roles of [['user'], ['user', 'support'], ['user', 'impersonator'], ['user', 'verifier']]) {
      const { tokens } = await app.signedInUser({ roles });
      expect((await app.http.get(PATH, { token: tokens.access_token })).status).toBe(403);
    }
  });
});
