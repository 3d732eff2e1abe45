import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { CuttingProxy } from './support/cutting-proxy.js';
import { OwnPostgres, query } from './support/own-postgres.js';
import { until } from './support/processes.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const scene = new Scene();
let postgres: OwnPostgres;
let proxy: CuttingProxy;
let databaseUrl: string;
let service: Service;
let accounts = 0;

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  databaseUrl = await postgres.createDatabase();
  proxy = await CuttingProxy.start(databaseUrl);
  service = await scene.start({ DATABASE_URL: proxy.url, RATE_LIMITS: 'false' });
});
afterAll(async () => {
  await scene.clear();
  await proxy.stop();
  await postgres.stop();
});

const newAccount = () => ({ email: `person${++accounts}@example.com`, password: PASSWORD });

async function signedIn(): Promise<{ email: string; tokens: TokenResponse }> {
  const account = newAccount();
  await service.http.post('/auth/register', account);
  const { body } = await service.http.post<TokenResponse>('/auth/login', account);
  return { email: account.email, tokens: body };
}

/** Sends a request whose commit succeeds while its answer is lost between database and service. */
async function interrupted(needle: string, path: string, body: unknown, token?: string): Promise<void> {
  const before = proxy.cuts;
  proxy.cutAfter(needle);
  const { status, headers } = await service.http.post(path, body, { token });
  expect(proxy.cuts).toBe(before + 1);
  expect(status).toBe(503);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
}

describe('the connection to the database is cut after the commit', () => {
  it('of a registration: the account is whole, and says so to who registers again', async () => {
    const account = newAccount();
    await interrupted('COMMIT', '/auth/register', account);
    expect((await service.http.post('/auth/register', account)).body).toMatchObject({
      status: 409,
      code: 'email_taken',
    });
    expect((await service.http.post('/auth/login', account)).status).toBe(200);
  });

  it('of a login: the next one succeeds', async () => {
    const { email } = await signedIn();
    await interrupted('session_open', '/auth/login', { email, password: PASSWORD });
    expect((await service.http.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it('of a refresh: the same token gets the successor, which is the only one', async () => {
    const { tokens } = await signedIn();
    await interrupted('session_rotate', '/auth/refresh', { refresh_token: tokens.refresh_token });
    const again = () => service.http.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token });
    const [first, second] = [await again(), await again()];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body.refresh_token).toBe(second.body.refresh_token);
    const next = await service.http.post('/auth/refresh', { refresh_token: first.body.refresh_token });
    expect(next.status).toBe(200);
  });

  it('of a logout: the session is dead though nobody was told, and logging out again is fine', async () => {
    const { tokens } = await signedIn();
    const me = async () => (await service.http.get('/auth/me', { token: tokens.access_token })).status;
    expect(await me()).toBe(200);
    await interrupted('COMMIT', '/auth/logout', undefined, tokens.access_token);
    await until('the access token is refused', async () => (await me()) === 401);
    expect((await service.http.post('/auth/logout', undefined, { token: tokens.access_token })).status).toBe(204);
    const refresh = await service.http.post('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(refresh.status).toBe(401);
  });

  it('of a password change: the new password is the one, and the other sessions are over', async () => {
    const { email, tokens } = await signedIn();
    const { body: other } = await service.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
    const change = { current_password: PASSWORD, new_password: 'another horse battery staple' };
    await interrupted('COMMIT', '/auth/password', change, tokens.access_token);
    expect((await service.http.post('/auth/login', { email, password: PASSWORD })).status).toBe(401);
    expect((await service.http.post('/auth/login', { email, password: change.new_password })).status).toBe(200);
    expect((await service.http.post('/auth/refresh', { refresh_token: other.refresh_token })).status).toBe(401);
    expect((await service.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(200);
  });
});

describe('all connections to the database are cut', () => {
  it('is a 503 at most, never a 401 or a 500, and over in a moment', async () => {
    const { tokens } = await signedIn();
    const statuses = new Set<number>();
    let over = false;
    const traffic = Array.from({ length: 4 }, async () => {
      while (!over) {
        statuses.add((await service.http.get('/users/me', { token: tokens.access_token })).status);
        statuses.add((await service.http.get('/health/ready/sign-in')).status);
        statuses.add(
          (await service.http.post('/auth/login', { email: 'nobody@example.com', password: PASSWORD })).status,
        );
      }
    });
    for (let round = 0; round < 5; round += 1) {
      await query(
        databaseUrl,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
      );
      // A connection of the pool may be told only after another one was asked whether the service is ready.
      await until('it is ready again', async () => (await service.http.get('/health/ready/sign-in')).status === 200);
      await until(
        'it answers again',
        async () => (await service.http.get('/users/me', { token: tokens.access_token })).status === 200,
      );
    }
    over = true;
    await Promise.all(traffic);
    // 401 is the honest answer to a login of nobody.
    expect([...statuses].filter((status) => ![200, 401, 503].includes(status))).toEqual([]);
    expect((await service.http.get('/users/me', { token: tokens.access_token })).status).toBe(200);
  });
});
