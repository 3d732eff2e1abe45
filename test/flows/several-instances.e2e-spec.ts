import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/keys/key-ring.js';
import { KeyStore } from '../../src/keys/key-store.js';
import { SigningKey } from '../../src/keys/signing-key.entity.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { HttpClient } from '../support/http-client.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { ServiceProcess, soon } from './service-process.js';

describe('two instances of the service on one database', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: HttpClient;
  let process: ServiceProcess;
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false' };
    app = await TestApp.start(environment);
    ({ service: process, http: other } = await ServiceProcess.start(environment));
  });
  afterAll(async () => {
    await process?.kill();
    await app?.close();
    await database.drop();
  });

  const isRefused = async (http: HttpClient, token: string, code: string): Promise<boolean> => {
    const { status, body } = await http.get('/auth/me', { token });
    return status === 401 && body['code'] === code;
  };

  it('accept the tokens of each other', async () => {
    const { user, tokens } = await app.signedInUser();
    expect((await other.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    const refreshed = await other.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(refreshed.status).toBe(200);
    expect((await app.http.get('/auth/me', { token: refreshed.body.access_token })).status).toBe(200);
    const login = await other.post<TokenResponse>('/auth/login', { email: user.email, password: PASSWORD });
    expect((await app.http.get('/sessions', { token: login.body.access_token })).status).toBe(200);
  });

  it('learn of a revocation from each other, in both directions', async () => {
    for (const [here, there] of [
      [app.http, other],
      [other, app.http],
    ] as const) {
      for (let round = 0; round < 6; round++) {
        const { access_token: token } = (await app.signedInUser()).tokens;
        expect((await there.get('/auth/me', { token })).status).toBe(200);
        expect((await here.post('/auth/logout', undefined, { token })).status).toBe(204);
        expect(await soon(() => isRefused(there, token, 'token_revoked'))).toBe(true);
      }
    }
  });

  it('learn of it by the wake-up alone, where nobody asks in between', async () => {
    const woken = await TestApp.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false' });
    try {
      await woken.app.get(Jobs).onModuleDestroy();
      await woken.app.get(RevocationService).beforeApplicationShutdown();
      const { access_token: token } = (await app.signedInUser()).tokens;
      expect((await woken.http.get('/auth/me', { token })).status).toBe(200);
      expect((await other.post('/auth/logout', undefined, { token })).status).toBe(204);
      expect(await soon(() => isRefused(woken.http, token, 'token_revoked'))).toBe(true);
    } finally {
      await woken.close();
    }
  });

  it('learn of it also where the wake-up is lost', async () => {
    await app.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'countersign-listener'`,
    );
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await other.get('/auth/me', { token })).status).toBe(200);
    expect((await app.http.post('/auth/logout', undefined, { token })).status).toBe(204);
    expect(await soon(() => isRefused(other, token, 'token_revoked'))).toBe(true);
  });

  it('refresh one token at the same moment: both hand out the same successor', async () => {
    for (let round = 0; round < 10; round++) {
      const { refresh_token } = (await app.signedInUser()).tokens;
      const answers = await Promise.all(
        [app.http, other, app.http, other].map((http) => http.post<TokenResponse>('/auth/refresh', { refresh_token })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    }
  });

  it('accept a key of which they have not heard, though somebody sends tokens of keys that never were', async () => {
    const { access_token: old } = (await app.signedInUser()).tokens;
    const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"AAAAAAAA"}').toString('base64url');
    const invented = [header, ...old.split('.').slice(1)].join('.');
    expect((await other.get('/auth/me', { token: invented })).status).toBe(401);

    const store = app.app.get(KeyStore);
    const active = (await store.list(SigningKey)).find(({ status }) => status === 'active')!;
    const { manager } = app.dataSource;
    await store.apply({ step: 'retire', kid: active.kid }, SigningKey, 'ES256', manager);
    const create = { step: 'create', status: 'active', activatesAt: app.clock.date() } as const;
    await store.apply(create, SigningKey, 'ES256', manager);
    await app.app.get(KeyRing).reload();
    const { access_token: token } = (await app.signedInUser()).tokens;
    expect((await other.get('/auth/me', { token })).status).toBe(200);
  });

  it('accept a key that the other has just made, and refuse one that it has just removed', async () => {
    const { user, tokens: admin } = await app.signedInAdmin();
    const { access_token: leaked } = (await app.signedInUser()).tokens;
    expect((await other.get('/auth/me', { token: leaked })).status).toBe(200);
    const rotated = await app.http.post('/keys/rotate', { emergency: true }, { token: admin.access_token });
    expect(rotated.status).toBe(200);
    const { access_token: fresh } = await app.login(user.email);
    expect((await other.get('/auth/me', { token: fresh })).status).toBe(200);
    expect(await soon(() => isRefused(other, leaked, 'token_invalid'))).toBe(true);
  });
});
