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

  const bothTellOfLogout = async (here: HttpClient): Promise<void> => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await here.post('/auth/logout', undefined, { token })).status).toBe(204);
    const events = await Promise.all(readers.map((reader) => reader.frameOf(token)));
    const [mine, theirs] = await Promise.all(events.map(({ data }) => verifiedFrame(other.baseUrl, data)));
    expect(mine!.seq).toBe(theirs!.seq);
  };

  it('in both directions', async () => {
    for (let round = 0; round < 6; round++) {
      for (const http of [app.http, other]) await bothTellOfLogout(http);
    }
  });

  it('also where the wake-up is lost', async () => {
    await app.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'countersign-listener'`,
    );
    await bothTellOfLogout(app.http);
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
