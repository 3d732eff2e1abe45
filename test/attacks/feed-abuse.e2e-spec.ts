import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import { TestApp } from '../support/create-app.js';
import { FeedReader, claimsOf } from '../support/feed-reader.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { askRaw } from './raw-http.js';

const SLOW_READERS = 20;
const FRAME_BYTES = 400_000;

/** Asks for the stream and never reads what comes. */
async function openUnread(baseUrl: string): Promise<{ socket: Socket; cut: boolean }> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  const reader = { socket, cut: false };
  socket.on('error', () => undefined).on('close', () => (reader.cut = true));
  await new Promise<void>((resolve) => void socket.once('connect', resolve));
  socket.write('GET /revocations/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise<void>((resolve) => void socket.once('data', () => resolve()));
  socket.pause();
  return reader;
}

describe('abusing the feed of revocations', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  /** One entry with a name so long that its frame is a heavy one. */
  const tellMuch = async (): Promise<number> => {
    const [{ seq }] = await app.dataSource.query<[{ seq: string }]>(
      `WITH head AS (UPDATE revocation_head SET seq = seq + 1 RETURNING seq),
         entry AS (INSERT INTO revocation_epochs (seq, kind, subject, not_before, status_indexes, expires_at)
           SELECT seq, 'client', repeat('x', $1), 1, '{}', now() + interval '10 minutes' FROM head)
       SELECT seq FROM head`,
      [FRAME_BYTES],
    );
    await app.app.get(RevocationService).catchUp();
    return Number(seq);
  };

  it('what the feed signs is no access token', async () => {
    const reader = await FeedReader.open(app.http.baseUrl, { nonce: 'a' });
    const { data: snapshot } = await reader.event(({ event }) => event === 'snapshot');
    const { data: hello } = await reader.event(({ event }) => event === 'hello');
    reader.close();
    for (const token of [hello, snapshot]) {
      const answer = await app.http.get('/auth/me', { token });
      expect(answer).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    }
  });

  it('readers that do not read are cut, nothing is kept for them, and others miss nothing', async () => {
    const reader = await FeedReader.open(app.http.baseUrl);
    await reader.event(({ event }) => event === 'snapshot');
    const slow = await Promise.all(Array.from({ length: SLOW_READERS }, () => openUnread(app.http.baseUrl)));
    const server = app.app.getHttpServer() as { getConnections(done: (error: unknown, count: number) => void): void };
    const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    expect(await connections()).toBeGreaterThanOrEqual(SLOW_READERS);

    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const seqs: number[] = [];
    // The kernel takes some megabytes of each connection before anything piles up here.
    for (let sent = 0; sent < 40; sent++) {
      seqs.push(await tellMuch());
      await reader.event(({ id }) => id === seqs.at(-1));
    }
    collectGarbage();
    const held = process.memoryUsage().arrayBuffers - before;
    // What is left is the reader that reads, and what the requests of this file keep alive.
    expect(await connections()).toBeLessThan(5);
    expect(held).toBeLessThan(64 * 1024 * 1024);

    const frames = reader.events.filter(({ event }) => event === '').map(({ data }) => claimsOf(data));
    const told = frames.filter(({ n }) => n > 0).map(({ seq }) => seq);
    expect(told).toEqual(seqs);
    for (const { socket } of slow) socket.destroy();
    reader.close();
  });

  it.each([
    'from=-1',
    'from=1.5',
    'from=1e3',
    'from=0x10',
    'from=9999999999999999',
    'from=',
    'from=%20',
    'from=1&from=2',
    'from[]=1',
    'from=<script>alert(1)</script>',
    'nonce=',
    `nonce=${'a'.repeat(65)}`,
    'nonce=a%0Adata:x',
    'nonce=a%0D%0AX-Evil:%201',
    'nonce=%22%7D',
    'nonce=a&nonce=b',
    'nonce=a%00b',
    'token=eyJhbGciOiJub25lIn0.e30.',
  ])('%s is a problem, and nothing of it comes back', async (query) => {
    const { status, head, body } = await askRaw(app.http.baseUrl, 'GET', `/revocations/stream?${query}`);
    expect(status).toBe(400);
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    expect(head).not.toMatch(/x-evil/i);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid_request' });
    expect(body).not.toContain('<script>');
    expect(body).not.toContain('aaaa');
  });

  it.each(['x', '-1', '1, 2', '9999999999999999', '1;2'])('the Last-Event-ID %s likewise', async (id) => {
    const { status, body } = await askRaw(app.http.baseUrl, 'GET', '/revocations/stream', [`Last-Event-ID: ${id}`]);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid_request', errors: [{ field: 'Last-Event-ID' }] });
  });

  it('other methods open nothing', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await askRaw(app.http.baseUrl, method, '/revocations/stream')).status).toBe(405);
    }
    expect(await askRaw(app.http.baseUrl, 'HEAD', '/revocations/stream')).toMatchObject({ status: 200, body: '' });
  });
});
