import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { FeedReader, fingerprintOf } from '../support/feed-reader.js';
import { until } from './support/processes.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const STREAMS = 2_000;
const OPENED_TOGETHER = 50;
const LOGOUTS = 20;
/** What one idle stream may cost the service. */
const MAX_KIB_PER_STREAM = 40;

const scene = new Scene();
afterEach(() => scene.clear());

/** A stream of which only the fingerprints are looked at, so that thousands fit into one process of a test. */
class ManyReader {
  readonly receivedAt = new Map<string, number>();
  events = 0;
  ended = false;
  complete = false;
  private unread = '';

  constructor(answer: IncomingMessage) {
    answer.setEncoding('latin1').on('data', (text: string) => this.take(text));
    answer
      .on('error', () => undefined)
      .on('close', () => {
        this.ended = true;
        this.complete = answer.complete;
      });
  }

  private take(text: string): void {
    const lines = (this.unread + text).split('\n');
    this.unread = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      this.events += 1;
      const payload = Buffer.from(line.split('.')[1]!, 'base64url').toString();
      const { sessions = {} } = JSON.parse(payload.split('\n')[0]!) as { sessions?: Record<string, string> };
      for (const named of Object.values(sessions)) {
        if (typeof named !== 'string') continue;
        for (const one of named.match(/.{10}/g) ?? []) this.receivedAt.set(one, performance.now());
      }
    }
  }
}

const openOne = (url: string): Promise<ManyReader> =>
  new Promise((resolve, reject) => {
    get(`${url}/revocations/stream`, { agent: false }, (answer) => {
      if (answer.statusCode === 200) resolve(new ManyReader(answer));
      else reject(new Error(`a stream was refused with ${answer.statusCode}`));
    }).on('error', reject);
  });

async function openMany(url: string, count: number): Promise<ManyReader[]> {
  const readers: ManyReader[] = [];
  while (readers.length < count) {
    readers.push(...(await Promise.all(Array.from({ length: OPENED_TOGETHER }, () => openOne(url)))));
  }
  return readers;
}

const residentKib = ({ pid }: Service): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

async function tokensOf(service: Service, count: number): Promise<string[]> {
  const account = { email: 'alice@example.com', password: PASSWORD };
  await service.http.post('/auth/register', account);
  const tokens: string[] = [];
  while (tokens.length < count) {
    tokens.push((await service.http.post<TokenResponse>('/auth/login', account)).body.access_token);
  }
  return tokens;
}

describe(`${STREAMS} open streams of one service`, () => {
  it('all hear of every logout, cost little memory, and end with SIGTERM', async () => {
    const service = await scene.start({ RATE_LIMITS: 'false' });
    const tokens = await tokensOf(service, LOGOUTS);
    const before = residentKib(service);
    const readers = await openMany(service.url, STREAMS);
    // After `hello` and the snapshot.
    await until('all have got a heartbeat', () => readers.every(({ events }) => events > 2));
    const perStream = (residentKib(service) - before) / STREAMS;

    const delays: number[] = [];
    for (const token of tokens) {
      expect((await service.http.post('/auth/logout', undefined, { token })).status).toBe(204);
      const answeredAt = performance.now();
      const one = fingerprintOf(token);
      await until('all have heard of it', () => readers.every(({ receivedAt }) => receivedAt.has(one)));
      delays.push(...readers.map(({ receivedAt }) => receivedAt.get(one)! - answeredAt));
    }
    delays.sort((a, b) => a - b);
    const p99 = delays[Math.floor(delays.length * 0.99)]!;
    console.log(
      `${perStream.toFixed(1)} KiB a stream; p50 ${delays[delays.length / 2]!.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${delays.at(-1)!.toFixed(0)} ms`,
    );
    expect(perStream).toBeLessThan(MAX_KIB_PER_STREAM);

    service.signal('SIGTERM');
    const stoppedAt = performance.now();
    await until('all streams have ended', () => readers.every(({ ended }) => ended));
    const farewell = performance.now() - stoppedAt;
    console.log(`all streams had ended ${farewell.toFixed(0)} ms after SIGTERM`);
    expect(readers.filter(({ complete }) => !complete)).toEqual([]);
    await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
  });
});

describe('SIGTERM with open streams', () => {
  it('is not held up by one that nobody reads, and no new stream begins', async () => {
    const service = await scene.start();
    const unread = await FeedReader.open(service.url);
    unread.answer.pause();
    service.signal('SIGTERM');
    let refused = await FeedReader.open(service.url);
    while (refused.answer.statusCode === 200) refused = await FeedReader.open(service.url);
    expect(refused.answer).toMatchObject({
      statusCode: 503,
      headers: { connection: 'close', 'retry-after': expect.any(String) },
    });
    await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
    unread.close();
  });
});
