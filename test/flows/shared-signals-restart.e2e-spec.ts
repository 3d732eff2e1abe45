import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { accept, busy, setVerifier, SignalReceiver } from '../support/signal-receiver.js';
import { AUDIENCE, PUSH, sessionsIn, SignalStreams } from '../support/signal-streams.js';
import { ServiceProcess, soon } from './service-process.js';

describe('shared signals, where instances', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let receiver: SignalReceiver;
  let app: TestApp;
  let streams: SignalStreams;
  let other: ServiceProcess | null = null;
  /** Deliveries begin before the start has ended. */
  let started: Promise<TestApp>;
  const start = () => (started = TestApp.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false' }));
  // Where the receiver finds the keys moves with the service.
  const verify = async (token: string) => setVerifier((await started).http.baseUrl, () => AUDIENCE)(token);
  beforeEach(async () => {
    database = await createDatabase();
    app = await start();
    receiver = await SignalReceiver.start(verify);
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
    await streams.create({ delivery: { method: PUSH, endpoint_url: receiver.url } });
  });
  afterEach(async () => {
    await other?.kill();
    await app.close();
    await receiver.stop();
    await database.drop();
    expect(receiver.faults).toEqual([]);
  });

  const logouts = async (count: number): Promise<string[]> => {
    const sessions: string[] = [];
    for (let n = 0; n < count; n++) sessions.push(await streams.logout());
    return sessions.sort();
  };
  const receives = (count: number) => soon(() => Promise.resolve(receiver.received.length >= count));

  it('stop before they have sent: what was written goes out after the start', async () => {
    receiver.answer = busy;
    const sessions = await logouts(2);
    await app.close();
    receiver.answer = accept;
    const { length } = receiver.requests;
    app = await start();
    expect(await receives(2)).toBe(true);
    expect(receiver.requests.length).toBeGreaterThan(length);
    expect(sessionsIn(receiver.received).sort()).toEqual(sessions);
  });

  it('are two: each event goes out once', async () => {
    ({ service: other } = await ServiceProcess.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false' }));
    const sessions = await logouts(30);
    expect(await receives(30)).toBe(true);
    expect(sessionsIn(receiver.received).sort()).toEqual(sessions);
    expect(receiver.requests).toHaveLength(30);
  });
});
