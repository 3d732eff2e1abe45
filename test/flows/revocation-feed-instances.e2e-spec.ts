import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { FeedReader, verifiedFrame } from '../support/feed-reader.js';
import type { HttpClient } from '../support/http-client.js';
import { ServiceProcess } from './service-process.js';

describe('two instances tell of each other’s revocations', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: HttpClient;
  let process: ServiceProcess;
  let readers: FeedReader[];
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false' };
    app = await TestApp.start(environment);
    ({ service: process, http: other } = await ServiceProcess.start(environment));
    readers = await Promise.all([app.http, other].map(({ baseUrl }) => FeedReader.open(baseUrl)));
  });
  afterAll(async () => {
    for (const reader of readers ?? []) reader.close();
    await process?.kill();
    await app?.close();
    await database.drop();
  });

  /** How long both streams took to tell of a logout, from its answer on, in milliseconds. */
  const delaysOfLogout = async (here: HttpClient): Promise<number[]> => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await here.post('/auth/logout', undefined, { token })).status).toBe(204);
    const answeredAt = performance.now();
    const events = await Promise.all(readers.map((reader) => reader.frameOf(token)));
    const [mine, theirs] = await Promise.all(events.map(({ data }) => verifiedFrame(other.baseUrl, data)));
    expect(mine!.seq).toBe(theirs!.seq);
    return events.map(({ receivedAt }) => receivedAt - answeredAt);
  };

  it('at once, in both directions', async () => {
    const delays: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (const http of [app.http, other]) delays.push(...(await delaysOfLogout(http)));
    }
    const median = delays.sort((a, b) => a - b)[delays.length / 2]!;
    // Without the wake-up they would learn of it from the poll of every second.
    expect(median).toBeLessThan(250);
  });

  it('about a second later where the wake-up is lost', async () => {
    await app.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'countersign-listener'`,
    );
    expect(Math.max(...(await delaysOfLogout(app.http)))).toBeLessThan(2_000);
  });

  it('and one goes on where the other has ended', async () => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    const { id } = readers[1]!.events.at(-1)!;
    readers[1]!.close();
    await app.http.post('/auth/logout', undefined, { token });
    const reader = await FeedReader.open(app.http.baseUrl, { from: id! });
    readers.push(reader);
    const frame = await verifiedFrame(app.http.baseUrl, (await reader.frameOf(token)).data);
    expect(frame.seq - frame.n).toBe(id);
  });
});
