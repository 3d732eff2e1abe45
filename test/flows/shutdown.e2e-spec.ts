import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import type { HttpClient } from '../support/http-client.js';
import { ServiceProcess } from './service-process.js';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

describe('an operator stops the service with SIGTERM', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let service: ServiceProcess;
  let http: HttpClient;
  beforeAll(async () => {
    database = await createDatabase();
    ({ service, http } = await ServiceProcess.start({
      DATABASE_URL: database.url,
      RATE_LIMITS: 'false',
      LOG_LEVEL: 'info',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    }));
  });
  afterAll(async () => {
    await service?.kill();
    await database.drop();
  });

  it('answers what is under way, tells clients to go, loses no request, and ends with 0', async () => {
    const before = await http.post<{ access_token: string }>('/auth/login', ADMIN);
    expect(before.status).toBe(200);
    const clients = Array.from({ length: 8 }, () => new KeepAliveClient(http.baseUrl, before.body.access_token));
    const running = clients.map((client) => client.callUntilToldToGo());
    while (clients.some(({ answers }) => answers.length < 2)) await sleep(10);
    // They outlast the notice that clients get: the lock that they wait for is held until nobody new is accepted.
    const [locker, watcher] = await Promise.all([connected(database.url), connected(database.url)]);
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE');
    const token = before.body.access_token;
    const counts = Array.from({ length: 6 }, () =>
      http.post('/revocations', { everybody: true, dry_run: true }, { token }),
    );
    while ((await waiting(watcher)) < counts.length) await sleep(10);
    service.signal('SIGTERM');
    while (await accepts(http.baseUrl)) await sleep(10);
    await Promise.all([locker.end(), watcher.end()]);

    expect((await Promise.all(counts)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    await Promise.all(running);
    for (const client of clients) {
      expect(client.lost).toEqual([]);
      expect(new Set(client.answers)).toEqual(new Set([200]));
    }
    expect(await service.ended).toBe(0);
    expect(service.output).toContain('"event":"process_signalled","signal":"SIGTERM"');
    await expect(http.get('/health/live')).rejects.toThrow('fetch failed');
  });

  it('logs one JSON object a line, and no password', () => {
    const lines = service.output.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), level: expect.any(String) });
    expect(service.output).not.toContain(ADMIN.password);
  });
});

describe('the service meets a fault that nothing catches', () => {
  it('ends, and the log says which', async () => {
    const database = await createDatabase();
    const fault = "process.on('SIGUSR2', () => { throw new Error('out of the blue') })";
    const { service } = await ServiceProcess.start({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'error',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}`,
    });
    try {
      service.signal('SIGUSR2');
      expect(await service.ended).not.toBe(0);
      const line = service.output.split('\n').find((text) => text.includes('process_failed'));
      expect(JSON.parse(line!)).toMatchObject({
        level: 'fatal',
        origin: 'uncaughtException',
        err: { message: 'out of the blue' },
      });
    } finally {
      await service.kill();
      await database.drop();
    }
  });
});

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

/** How many sessions of this database wait for a lock. */
async function waiting(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return Number(rows[0]!.count);
}

/** Whether a new connection is accepted. */
function accepts(baseUrl: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(baseUrl).port), '127.0.0.1', () => resolve(true)).on('error', () =>
      resolve(false),
    );
    socket.once('connect', () => socket.destroy());
  });
}

/** Calls over one connection that it keeps open, as a gateway does, until an answer closes it. */
class KeepAliveClient {
  readonly answers: number[] = [];
  readonly lost: string[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  async callUntilToldToGo(): Promise<void> {
    let told = false;
    while (!told && this.lost.length === 0) {
      told = await this.call().catch((error: Error) => Boolean(this.lost.push(error.message)));
      await sleep(5);
    }
    this.agent.destroy();
  }

  /** Whether the answer closes the connection. */
  private call(): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.token}` };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.baseUrl}/users/me`, { agent: this.agent, headers }, (response) => {
        this.answers.push(response.statusCode!);
        response.resume().on('end', () => resolve(response.headers.connection === 'close'));
      });
      sent.on('error', reject).end();
    });
  }
}
