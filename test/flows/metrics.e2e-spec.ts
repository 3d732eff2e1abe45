import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMetrics } from '../../src/app.setup.js';
import { Config } from '../../src/platform/config/config.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import type { MetricsServer } from '../../src/platform/telemetry/metrics-server.js';
import { freePort } from '../system/support/free-port.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const TOKEN = 'a token for prometheus';

let test: TestApp;
let server: MetricsServer | null;
let url: string;
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/metrics`;
  test = await TestApp.start({ METRICS_PORT: String(port), METRICS_TOKEN: TOKEN });
  server = await openMetrics(test.app, test.app.get(Config));
});
afterAll(async () => {
  server?.close();
  await test.close();
});

const ask = (token?: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });

async function lines(): Promise<string[]> {
  const answer = await ask(TOKEN);
  expect(answer.status).toBe(200);
  return (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const series = async (): Promise<string[]> => (await lines()).map((line) => line.slice(0, line.lastIndexOf(' ')));
const valueOf = async (name: string): Promise<number> =>
  Number((await lines()).find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 'NaN');

const odd = (method: string, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(test.http.baseUrl);
    request({ hostname, port, method, path }, (answer) => void answer.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });

describe('the metrics', () => {
  it('are shown to the bearer of the token alone', async () => {
    expect((await ask()).status).toBe(401);
    expect((await ask(`${TOKEN}x`)).status).toBe(401);
    expect((await ask('')).status).toBe(401);
    expect((await ask(TOKEN)).status).toBe(200);
  });

  it('are one resource, which is read', async () => {
    expect((await ask(TOKEN, { method: 'POST' })).status).toBe(405);
    url = url.replace('/metrics', '/other');
    expect((await ask(TOKEN)).status).toBe(404);
    url = url.replace('/other', '/metrics');
  });

  it('are not on the port of the service', async () => {
    expect((await test.http.get('/metrics')).status).toBe(404);
  });

  it('count requests by the pattern of the route', async () => {
    const { id } = await test.createUser();
    await test.http.get(`/users/${id}`);
    const name = 'countersign_http_request_duration_seconds_count';
    await expect.poll(() => valueOf(`${name}{method="GET",route="/users/:id",status="401"}`)).toBe(1);
    expect((await series()).join('\n')).not.toContain(id);
  });

  it('count sign-ins by method, and refused ones by reason', async () => {
    const { email } = await test.createUser();
    await test.http.post('/auth/login', { email, password: PASSWORD });
    await test.http.post('/auth/login', { email, password: 'another password than that' });
    const name = 'countersign_security_events_total';
    expect(await valueOf(`${name}{event="session.opened",reason="",method="pwd"}`)).toBe(1);
    expect(await valueOf(`${name}{event="sign_in.failed",reason="wrong_password",method=""}`)).toBe(1);
  });

  it('tell of keys, jobs, outboxes, hashes, the pool, the feed and the event loop', async () => {
    expect(await valueOf('countersign_signing_keys{stage="active"}')).toBe(1);
    expect(await valueOf('countersign_outbox_waiting{outbox="mail"}')).toBeGreaterThanOrEqual(0);
    expect(await valueOf('countersign_hashing_queued')).toBe(0);
    expect(await valueOf('countersign_database_connections')).toBeGreaterThan(0);
    expect(await valueOf('countersign_feed_streams')).toBe(0);
    expect(await valueOf('countersign_metrics_unread')).toBe(0);
    expect(await valueOf('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    const jobs = (await series()).filter((name) => name.startsWith('countersign_job_runs_total'));
    expect(jobs).toHaveLength(test.app.get(Jobs).states.length);
  });

  it('are those that docs/observability.md lists', async () => {
    const answer = await ask(TOKEN);
    const shown = [...(await answer.text()).matchAll(/^# TYPE (countersign_\w+) (\w+)$/gm)].map(
      (line) => `${line[1]} ${line[2]}`,
    );
    const guide = readFileSync('docs/observability.md', 'utf8');
    const listed = [...guide.matchAll(/^\| `(countersign_\w+)` +\| (\w+)/gm)].map((line) => `${line[1]} ${line[2]}`);
    expect(listed.toSorted()).toEqual(shown.toSorted());
  });

  it('get no series of a caller: thousands of odd paths and methods are one route', async () => {
    const call = (index: number): Promise<void> =>
      odd(['GET', 'PROPFIND', 'MKCOL', 'PURGE', 'POST'][index % 5]!, `/path-${index}/%F0%9F%94%91?q=${index}`);
    const round = async (from: number, count: number): Promise<void> => {
      for (let index = from; index < from + count; index += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, step) => call(index + step)));
      }
    };
    await round(0, 50);
    // Figures of jobs and of Node's open resources come by themselves.
    const ours = async (): Promise<string[]> => (await series()).filter((name) => name.startsWith('countersign_http_'));
    const before = (await ours()).length;
    await round(50, 3_000);
    for (const method of ['PROPFIND', 'MKCOL', 'PURGE', 'LOCK', 'SEARCH']) await odd(method, '/gateway/verify');
    const after = await ours();
    // The methods that nobody knows are one series of the verdict.
    const perRoute = 11;
    expect(after.length).toBeLessThanOrEqual(before + perRoute);
    expect(after.join('\n')).not.toMatch(/path-|PROPFIND|SEARCH/);
  });
});
