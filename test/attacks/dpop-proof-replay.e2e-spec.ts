import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SingleUse } from '../../src/platform/database/single-use.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { DpopKey } from '../support/dpop-key.js';

const ROUNDS = 30;
const PARALLEL = 10;

describe('a DPoP proof that is sent again', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: TestApp;
  let key: DpopKey;

  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ RATE_LIMITS: 'false', DATABASE_URL: database.url });
    other = await TestApp.start({ RATE_LIMITS: 'false', DATABASE_URL: database.url });
    key = await DpopKey.create(app);
  });
  afterAll(async () => {
    await other.close();
    await app.close();
    await database.drop();
  });

  const statuses = (answers: { status: number }[]) =>
    Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]));

  it('with a token passes once, of all who send it at the same time, round after round', async () => {
    const { access_token: token } = await key.login((await app.createUser()).email);
    for (let round = 0; round < ROUNDS; round++) {
      const headers = { authorization: `DPoP ${token}`, dpop: await key.proof('GET', '/auth/me', token) };
      const answers = await Promise.all(Array.from({ length: PARALLEL }, () => app.http.get('/auth/me', { headers })));
      expect(statuses(answers)).toEqual({ 200: 1, 401: PARALLEL - 1 });
    }
  });

  it('with a token does not pass later either, and in the end its nonce is too old', async () => {
    const { access_token: token } = await key.login((await app.createUser()).email);
    const headers = { authorization: `DPoP ${token}`, dpop: await key.proof('GET', '/auth/me', token) };
    expect((await app.http.get('/auth/me', { headers })).status).toBe(200);
    const codes: unknown[] = [];
    for (let seconds = 0; seconds < 300; seconds += 20) {
      const { status, body } = await app.http.get('/auth/me', { headers });
      expect(status).toBe(401);
      codes.push(body['code']);
      app.clock.advance(20);
    }
    app.clock.advance(-300);
    // A nonce is good for two to four minutes, and the proof stays known for as long.
    expect(codes.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'invalid_dpop_proof'));
    expect(codes.slice(-3)).toEqual(Array.from({ length: 3 }, () => 'use_dpop_nonce'));
  });

  it('at sign-in brings one session, on whichever instance, round after round', async () => {
    const user = await app.createUser();
    await key.login(user.email);
    const sessions = async () => {
      const rows = await app.dataSource.query<unknown[]>('SELECT 1 FROM sessions WHERE user_id = $1', [user.id]);
      return rows.length;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const before = await sessions();
      const headers = { dpop: await key.proof('POST', '/auth/login') };
      const body = { email: user.email, password: PASSWORD };
      const answers = await Promise.all(
        [app, other, app, other].map(({ http }) => http.post('/auth/login', body, { headers })),
      );
      expect(statuses(answers)).toEqual({ 200: 1, 400: 3 });
      expect(await sessions()).toBe(before + 1);
      key.learn(answers.find(({ status }) => status === 200)!);
    }
  });

  it('at a refresh brings one answer, on whichever instance, round after round', async () => {
    let { refresh_token: token } = await key.login((await app.createUser()).email);
    for (let round = 0; round < ROUNDS; round++) {
      const headers = { dpop: await key.proof('POST', '/auth/refresh') };
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) =>
          (index % 2 ? app : other).http.post<{ refresh_token: string }>(
            '/auth/refresh',
            { refresh_token: token },
            { headers },
          ),
        ),
      );
      expect(statuses(answers)).toEqual({ 200: 1, 400: PARALLEL - 1 });
      token = answers.find(({ status }) => status === 200)!.body.refresh_token;
    }
  });

  it('leaves nothing behind once it is too old', async () => {
    const count = async () => Number((await app.dataSource.query('SELECT count(*) FROM single_use_values'))[0].count);
    expect(await count()).toBeGreaterThan(ROUNDS);
    await app.app.get(SingleUse).purge();
    expect(await count()).toBeGreaterThan(ROUNDS);
    app.clock.advance(600);
    await app.app.get(SingleUse).purge();
    expect(await count()).toBe(0);
  });
});
