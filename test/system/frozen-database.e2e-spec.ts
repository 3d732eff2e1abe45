import { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/platform/database/limits.js';
import { closeSilentConnections } from '../../src/platform/database/silent-connections.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { OwnPostgres } from './support/own-postgres.js';
import { letPass } from './support/processes.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const scene = new Scene();
let postgres: OwnPostgres;
let proxy: TcpProxy;
let service: Service;

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  proxy = await TcpProxy.start(await postgres.createDatabase());
  service = await scene.start({ DATABASE_URL: proxy.url, RATE_LIMITS: 'false' });
});
afterAll(async () => {
  proxy.thaw();
  await scene.clear();
  await proxy.stop();
  await postgres.stop();
});

it('a database that falls silent costs each request a few seconds, and nothing once it speaks again', async () => {
  const account = { email: 'alice@example.com', password: PASSWORD };
  await service.http.post('/auth/register', account);
  const { body } = await service.http.post<TokenResponse>('/auth/login', account);
  const token = body.access_token;
  const answers = () =>
    Promise.all([
      service.http.post('/auth/login', account), // prepared statements
      service.http.get('/users/me', { token }), // an entity
      service.http.patch('/users/me', { display_name: 'Alice' }, { token }), // a transaction
    ]);
  const statuses = async () => (await answers()).map(({ status }) => status);
  expect(await statuses()).toEqual([200, 200, 200]);
  // Silence between statements is none: connections that were idle for longer serve on, and are watched on.
  await letPass(LIMITS.silence / 1_000 + 1);
  expect(await statuses()).toEqual([200, 200, 200]);

  proxy.freeze();
  for (const { status, headers } of await answers()) {
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }

  proxy.thaw();
  expect(await statuses()).toEqual([200, 200, 200]);
});

it('a connection that holds a lock between its statements is left alone', async () => {
  const pool = new Pool({ connectionString: proxy.url });
  closeSilentConnections(pool);
  const client = await pool.connect();
  await client.query('SELECT pg_advisory_lock(1)');
  await letPass(LIMITS.silence / 1_000 + 1);
  expect((await client.query('SELECT pg_advisory_unlock(1) AS held')).rows).toEqual([{ held: true }]);
  client.release();
  await pool.end();
});
