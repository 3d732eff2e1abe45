import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../../src/platform/database/database.js';
import { RevocationReaders } from '../../src/revocation/revocation-readers.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { openApiOf } from '../../src/app.setup.js';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import { createDatabase } from '../support/database.js';
import type { Answer, HttpClient } from '../support/http-client.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';
import { ServiceProcess, soon } from './service-process.js';
import { OTHER_ROUTES, ROUTES, type Scene } from '../support/revoking-routes.js';

describe('the answer of a call that revokes', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let environment: Record<string, string>;
  let app: TestApp;
  let neighbour: { service: ServiceProcess; http: HttpClient };
  beforeAll(async () => {
    database = await createDatabase();
    environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false' };
    app = await TestApp.start(environment);
    neighbour = await ServiceProcess.start(environment);
  });
  afterAll(async () => {
    await neighbour?.service.kill();
    await app?.close();
    await database.drop();
  });

  const signIn = (user: User) => signInAs(app, user);
  const open = async (): Promise<Scene> => {
    const user = await app.createUser({ roles: ['user', 'approver'] });
    const admin = await app.createUser({ password: undefined, roles: ['user', 'admin'] });
    const [tokens, other, { access_token }] = [await signIn(user), await signIn(user), await signIn(admin)];
    const account = await ServiceAccount.create(app, access_token);
    const accountToken = { access_token: await account.token() };
    return { user, tokens, other, admin: access_token, account, accountToken };
  };
  const statusOf = async (http: HttpClient, { access_token: token }: Pick<TokenResponse, 'access_token'>) =>
    (await http.get('/auth/me', { token })).status;
  const seqOf = ({ headers }: Answer<unknown>) => Number(headers.get('revocation-seq') ?? Number.NaN);
  const receipt = ({ headers }: Answer<unknown>) => headers.get('revocation-status');

  it('the table names every route that takes `wait`', () => {
    const { paths } = openApiOf(app.app);
    const waiting = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations as Record<string, { parameters?: { name: string }[] }>)
        .filter(([, { parameters }]) => parameters?.some(({ name }) => name === 'wait'))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(waiting.sort()).toEqual(Object.keys({ ...ROUTES, ...OTHER_ROUTES }).sort());
  });

  it('carries its number in the log, and it grows with every call', async () => {
    let last = 0;
    for (const revoke of Object.values(ROUTES)) {
      const answer = await revoke(app.http, await open(), '');
      expect(answer.status).toBeLessThan(300);
      expect(seqOf(answer)).toBeGreaterThan(last);
      expect(receipt(answer)).toBeNull();
      last = seqOf(answer);
      const [{ seq }] = await app.dataSource.query('SELECT seq FROM revocation_head');
      expect(last).toBe(Number(seq));
    }
  });

  it('repeats the number of the last one where there was nothing left to revoke', async () => {
    const { tokens } = await open();
    const [first, again] = [
      await app.http.post('/auth/logout', undefined, { token: tokens.access_token }),
      await app.http.post('/auth/logout?wait=applied', undefined, { token: tokens.access_token }),
    ];
    expect([seqOf(again), receipt(again)]).toEqual([seqOf(first), 'applied']);
  });

  it.each(Object.entries(ROUTES))(
    '%s?wait=applied: the very next request is refused on the other instance',
    async (route, revoke) => {
      const scene = await open();
      const refused = route.includes('/clients/') ? scene.accountToken : scene.tokens;
      expect(await statusOf(neighbour.http, refused)).toBe(200);
      const answer = await revoke(app.http, scene, '?wait=applied');
      expect(receipt(answer)).toBe('applied');
      expect(await statusOf(neighbour.http, refused)).toBe(401);
    },
  );

  it.each(Object.entries(OTHER_ROUTES))(
    '%s?wait=applied: the very next request is refused on the other instance',
    async (_, prepare) => {
      const { token, revoke } = await prepare(app, await open());
      const accepted = async () => (await neighbour.http.get('/auth/me', { token })).status === 200;
      expect(await accepted()).toBe(true);
      const answer = await revoke('?wait=applied');
      expect(answer.status).toBeLessThan(300);
      expect([seqOf(answer) > 0, receipt(answer)]).toEqual([true, 'applied']);
      expect(await accepted()).toBe(false);
    },
  );

  it('asks the database once for all who wait on one instance', async () => {
    const asked = vi.spyOn(app.app.get(Database), 'execute');
    const questions = () => asked.mock.calls.filter(([{ name }]) => name === 'revocation_reader_lowest').length;
    const lock = await RowLock.take(app, 'LOCK TABLE revocation_readers IN ACCESS EXCLUSIVE MODE');
    const readers = app.app.get(RevocationReaders);
    const answers = Array.from({ length: 100 }, () => readers.haveApplied(0, 600_000));
    await lock.isWaitedFor(1);
    await lock.release();
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
    expect(questions()).toBe(1);
    asked.mockRestore();
  });

  it.each(['', 'Applied', 'pending', 'true', 'applied&wait=applied'])('is a refusal where wait is %j', async (wait) => {
    const scene = await open();
    const answer = await ROUTES['POST /auth/logout']!(app.http, scene, `?wait=${wait}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field: 'wait' }] } });
    expect(await statusOf(app.http, scene.tokens)).toBe(200);
  });

  it('is true on the other instance fifty times, in both directions', async () => {
    for (let round = 0; round < 50; round++) {
      const [here, there] = round % 2 ? [app.http, neighbour.http] : [neighbour.http, app.http];
      const { tokens } = await open();
      expect(await statusOf(there, tokens)).toBe(200);
      const answer = await here.post('/auth/logout?wait=applied', undefined, { token: tokens.access_token });
      expect(receipt(answer)).toBe('applied');
      expect(await statusOf(there, tokens)).toBe(401);
    }
  });

  it('is pending while an instance is frozen, which applies it once it goes on', async () => {
    const { tokens } = await open();
    expect(await statusOf(neighbour.http, tokens)).toBe(200);
    neighbour.service.signal('SIGSTOP');
    try {
      // Longer than a pulse of the frozen one: it may be silent, but it may go on as well.
      for (const path of ['/auth/logout?wait=applied', '/auth/logout?wait=applied', '/auth/logout?wait=applied']) {
        const answer = await app.http.post(path, undefined, { token: tokens.access_token });
        expect(receipt(answer)).toBe('pending');
        expect(await statusOf(app.http, tokens)).toBe(401);
      }
    } finally {
      neighbour.service.signal('SIGCONT');
    }
    expect(await soon(async () => (await statusOf(neighbour.http, tokens)) === 401)).toBe(true);
    expect(receipt(await app.http.post('/auth/logout?wait=applied', undefined, { token: tokens.access_token }))).toBe(
      'applied',
    );
  });

  it('does not wait for an instance that was shut down; one that was killed delays it by the bound at most', async () => {
    const leaving = await ServiceProcess.start(environment);
    leaving.service.signal('SIGTERM');
    await leaving.service.ended;
    const first = await ROUTES['POST /auth/logout']!(app.http, await open(), '?wait=applied');
    expect(receipt(first)).toBe('applied');
    await neighbour.service.kill();
    const second = await ROUTES['POST /auth/logout']!(app.http, await open(), '?wait=applied');
    expect(receipt(second)).toBe('pending');
    await app.dataSource.query(
      "UPDATE revocation_readers SET seen_at = seen_at - interval '61 seconds' WHERE applied < (SELECT seq FROM revocation_head)",
    );
    const third = await ROUTES['POST /auth/logout']!(app.http, await open(), '?wait=applied');
    expect(receipt(third)).toBe('applied');
  });
});
