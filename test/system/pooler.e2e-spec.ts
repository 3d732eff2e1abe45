import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { OwnPooler } from './support/own-pooler.js';
import { OwnPostgres } from './support/own-postgres.js';
import { PASSWORD, Scene } from './support/service.js';

const PASSES_LIMITS = 'ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout';

const scene = new Scene();
const poolers: OwnPooler[] = [];
let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await OwnPostgres.start();
});
afterEach(async () => {
  await scene.clear();
  for (const pooler of poolers.splice(0)) await pooler.stop();
});
afterAll(() => postgres.stop());

const behind = async (url: string, ...how: ['transaction' | 'session', string?]): Promise<string> => {
  const pooler = await OwnPooler.start(url, ...how);
  poolers.push(pooler);
  return pooler.url;
};
const refusal = async (variables: Record<string, string>): Promise<string> => {
  const service = scene.spawn(variables);
  await expect(service.exit()).resolves.toEqual({ code: 1, signal: null });
  return service.output;
};

describe('the database is behind a pooler that lends connections by the transaction', () => {
  it('without a way past it: the start is refused, and told what to set', async () => {
    const url = await postgres.createDatabase();
    for (const settings of [PASSES_LIMITS, '']) {
      const output = await refusal({ DATABASE_URL: await behind(url, 'transaction', settings) });
      expect(output).toContain('Set DATABASE_DIRECT_URL to PostgreSQL itself');
    }
  });

  it('and the way past it leads to a pooler, too: refused by its name', async () => {
    const url = await behind(await postgres.createDatabase(), 'transaction');
    expect(await refusal({ DATABASE_URL: url, DATABASE_DIRECT_URL: url })).toContain('DATABASE_DIRECT_URL leads to');
  });

  it('with a way past it: all works, on a pooler that knows nothing of limits and prepared statements', async () => {
    const url = await postgres.createDatabase();
    const service = await scene.start({
      DATABASE_URL: await behind(url, 'transaction'),
      DATABASE_DIRECT_URL: url,
      RATE_LIMITS: 'false',
    });
    const account = { email: 'alice@example.com', password: PASSWORD };
    expect((await service.http.post('/auth/register', account)).status).toBe(201);
    const once = async () => {
      const { status, body } = await service.http.post<TokenResponse>('/auth/login', account);
      const token = body.access_token;
      return [
        status,
        (await service.http.post('/auth/refresh', { refresh_token: body.refresh_token })).status,
        (await service.http.get('/users/me', { token })).status,
        (await service.http.post('/auth/logout', undefined, { token })).status,
        (await service.http.get('/auth/me', { token })).status,
      ];
    };
    for (let round = 0; round < 6; round++) {
      for (const statuses of await Promise.all(Array.from({ length: 8 }, once)))
        expect(statuses).toEqual([200, 200, 200, 204, 401]);
    }
    expect((await service.http.get('/health/ready/sign-in')).status).toBe(200);
  });
});

describe('the database is behind a pooler that lends connections by the session', () => {
  it('all works, without a way past it', async () => {
    const url = await behind(await postgres.createDatabase(), 'session', `${PASSES_LIMITS}\ndefault_pool_size = 40`);
    const service = await scene.start({ DATABASE_URL: url });
    const account = { email: 'alice@example.com', password: PASSWORD };
    expect((await service.http.post('/auth/register', account)).status).toBe(201);
    expect((await service.http.post('/auth/login', account)).status).toBe(200);
  });
});
