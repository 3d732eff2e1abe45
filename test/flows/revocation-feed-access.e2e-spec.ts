import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { FeedReader, verifiedFrame } from '../support/feed-reader.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { soon } from './service-process.js';

describe('the feed of revocations', () => {
  let app: TestApp;
  const readers: FeedReader[] = [];
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const reader of readers.splice(0)) reader.close();
    await app.close();
  });

  const open = async (options: Parameters<typeof FeedReader.open>[1] = {}): Promise<FeedReader> => {
    const reader = await FeedReader.open(app.http.baseUrl, options);
    readers.push(reader);
    return reader;
  };

  const isOpen = async () => (await open()).answer.statusCode === 200;

  it('is read by administrators and verifiers alone, where the setting says so', async () => {
    app = await TestApp.start({ REVOCATION_FEED: 'token', CORS_ORIGINS: 'https://app.example' });
    const tokenOf = async (roles: string[]) => (await app.signedInUser({ roles })).tokens.access_token;
    const callers = [undefined, await tokenOf(['user']), await tokenOf(['admin']), await tokenOf(['user', 'verifier'])];
    const statuses = { stream: [] as number[], snapshot: [] as number[] };
    for (const token of callers) {
      statuses.stream.push((await open(token ? { token } : {})).answer.statusCode!);
      statuses.snapshot.push((await app.http.get('/revocations/snapshot', { token })).status);
    }
    expect(statuses).toEqual({ stream: [401, 403, 200, 200], snapshot: [401, 403, 200, 200] });

    // What was read with a token is nobody else's, in a cache or in a page.
    const headers = { origin: 'https://evil.example' };
    const snapshot = await app.http.get('/revocations/snapshot', { token: callers[3], headers });
    expect(snapshot.headers.get('cache-control')).toBe('private, max-age=5');
    expect(snapshot.headers.get('access-control-allow-origin')).toBeNull();
    expect(snapshot.headers.get('vary')).toBe('Origin, Accept-Encoding');
  });

  it('has as many streams as the setting says, and room again when one has gone', async () => {
    app = await TestApp.start({ REVOCATION_STREAMS: '2' });
    const [first] = [await open(), await open()];
    const refused = await app.http.get('/revocations/stream');
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    first.close();
    expect(await soon(isOpen)).toBe(true);
  });

  it('ends with the application, also for a client that does not read', async () => {
    app = await TestApp.start();
    const [, idle] = [await open(), await open()];
    idle.answer.pause();
    await app.app.close();
    await readers[0]!.end();
    expect(readers[0]!.answer.complete).toBe(true);
  });

  it('does not renew its word while it cannot know, and falls silent', async () => {
    const database = await createDatabase();
    const proxy = await TcpProxy.start(database.url);
    try {
      app = await TestApp.start({ DATABASE_URL: proxy.url }, { patient: false });
      const reader = await open();
      await reader.event(({ event }) => event === 'snapshot');
      await proxy.cut();
      const cutAt = Date.now() / 1000;
      const beats = reader.events.length;
      const beat = await reader.event((event) => reader.events.indexOf(event) >= beats);
      expect((await verifiedFrame(app.http.baseUrl, beat.data)).iat).toBeLessThanOrEqual(cutAt);
      const greeting = await (await open()).event(() => true);
      const hello = await verifiedFrame(app.http.baseUrl, greeting.data);
      expect(hello.iat).toBeLessThanOrEqual(cutAt);
      expect(hello.now).toBeGreaterThan(cutAt);

      // Half a minute later.
      const now = performance.now.bind(performance);
      vi.spyOn(performance, 'now').mockImplementation(() => now() + 30_000);
      const refused = await app.http.get('/revocations/stream');
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      await new Promise((resolve) => void reader.answer.once('close', resolve));
      expect(reader.answer.complete).toBe(true);

      await proxy.mend();
      expect(await soon(isOpen)).toBe(true);
    } finally {
      await proxy.mend();
      await app.close();
      await proxy.stop();
      await database.drop();
    }
  });
});
