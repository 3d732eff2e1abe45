import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import type { Answer } from '../support/http-client.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { soon } from './service-process.js';

const CONNECTIONS = 4;

describe('the database is there, and does not answer', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let proxy: TcpProxy;
  let app: TestApp;
  let email: string;
  let tokens: TokenResponse;
  /** A session of somebody else in the same database. */
  let other: Client;
  beforeAll(async () => {
    database = await createDatabase();
    proxy = await TcpProxy.start(database.url);
    app = await TestApp.start(
      { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: String(CONNECTIONS), RATE_LIMITS: 'false' },
      { patient: false },
    );
    other = new Client({ connectionString: database.url });
    await other.connect();
    const { user, tokens: first } = await app.signedInAdmin();
    email = user.email;
    tokens = first;
  });
  afterEach(async () => {
    proxy.thaw();
    await other.query('ROLLBACK');
    await other.query('DROP FUNCTION IF EXISTS doze CASCADE');
  });
  afterAll(async () => {
    await other.end();
    await app.close();
    await proxy.stop();
    await database.drop();
  });

  const login = () => app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
  const refresh = () => app.http.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token });
  const rename = () => app.http.patch('/users/me', { display_name: 'Alice' }, { token: tokens.access_token });
  const isUnavailable = ({ status, headers, body }: Answer<unknown>) => {
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  };
  /** Three times as many as there are connections, of each kind that there is: one statement, a transaction, a read. */
  const crowd = () => Array.from({ length: 4 }, () => [login(), refresh(), rename()]).flat();

  /** Verdicts, keys and the feed come from memory. They are asked while all others wait, and must not wait with them. */
  const goesOn = async () => {
    const token = tokens.access_token;
    for (const path of [
      '/gateway/verify',
      '/auth/me',
      '/.well-known/jwks.json',
      '/revocations/snapshot',
      '/health/ready',
    ]) {
      expect([path, (await app.http.get(path, { token })).status]).toEqual([path, 200]);
    }
  };

  /** Whether people can sign in is told before any of them is: probes have less patience. */
  const signIn = async () => isUnavailable(await app.http.get('/health/ready/sign-in'));

  /** Until no connection is left. Asked anew each time, since a transaction sees the same activity all along. */
  const allWait = async () => {
    const watcher = new Client({ connectionString: database.url });
    await watcher.connect();
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await watcher.query(waiting)).rowCount! < CONNECTIONS) await sleep(10);
    await watcher.end();
  };

  /** Told while the database still works on something that takes 8 s: three seconds, and much for a busy machine. */
  const beforeLong = async (told: Promise<unknown>) => {
    const long = new Client({ connectionString: database.url });
    await long.connect();
    const first = await Promise.race([long.query('SELECT pg_sleep(8)').then(() => 'the database'), told]);
    expect(first).not.toBe('the database');
    await long.end();
  };

  it('a lock before which all connections wait: a 503 soon, and what needs no database does not notice', async () => {
    await other.query('BEGIN');
    await other.query('LOCK TABLE users, sessions IN ACCESS EXCLUSIVE MODE');
    let isOver = false;
    const answers = Promise.all(crowd()).finally(() => (isOver = true));
    await allWait();
    const wentOn = Promise.all([goesOn(), signIn()]).then(() => expect(isOver).toBe(false));
    await Promise.all([wentOn, beforeLong(answers)]);
    for (const answer of await answers) isUnavailable(answer);
    await other.query('ROLLBACK');
    expect((await login()).status).toBe(200);
  });

  it('several waits in a row, none of which is too long for itself: a 503 soon', async () => {
    // Three statements of a rename take 1.5 s each, which is within their limit, and far more than the request has together.
    await other.query(`CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END'`);
    await other.query('CREATE TRIGGER doze AFTER UPDATE ON users FOR EACH STATEMENT EXECUTE FUNCTION doze()');
    await other.query(`CREATE CONSTRAINT TRIGGER doze_again AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION doze()`);
    await other.query('CREATE TRIGGER doze AFTER INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION doze()');
    isUnavailable(await rename());
    await other.query('DROP FUNCTION doze CASCADE');
    expect((await rename()).status).toBe(200);
  });

  it('a frozen database: a 503 soon, nothing else notices, and all is well when it thaws', async () => {
    proxy.freeze();
    const answers = Promise.all(crowd());
    await Promise.all([goesOn(), signIn(), beforeLong(answers)]);
    for (const answer of await answers) isUnavailable(answer);
    proxy.thaw();
    expect((await login()).status).toBe(200);
  });

  it('a database that has become read only: all but writes goes on, each write is a 503, and nobody is signed out', async () => {
    tokens = (await login()).body;
    const readOnly = async (value: 'on' | 'off') => {
      const name = new URL(database.url).pathname.slice(1);
      await other.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`);
      await other.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    };
    await readOnly('on');
    const me = () => app.http.get('/users/me', { token: tokens.access_token });
    expect(await soon(async () => (await me()).status === 200)).toBe(true);
    await goesOn();
    await signIn();
    const logout = () => app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    for (const write of [login, refresh, rename, logout]) isUnavailable(await write());
    await readOnly('off');
    expect(await soon(async () => (await app.http.get('/health/ready/sign-in')).status === 200)).toBe(true);
    expect((await refresh()).status).toBe(200);
  });

  it('what was committed though the answer was lost: the same refresh token brings the successor', async () => {
    tokens = (await login()).body;
    proxy.holdAnswers();
    isUnavailable(await refresh());
    proxy.thaw();
    const again = await refresh();
    expect(again.status).toBe(200);
    const next = await app.http.post('/auth/refresh', { refresh_token: again.body.refresh_token });
    expect(next.status).toBe(200);
  });

  it('a change of very many rows may take longer', async () => {
    await other.query(`CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(3.5); RETURN NULL; END'`);
    await other.query('CREATE TRIGGER doze AFTER DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION doze()');
    const { tokens: doomed } = await app.signedInUser();
    const token = (await login()).body.access_token;
    const ended = await app.http.post('/revocations', { everybody: true }, { token });
    expect(ended).toMatchObject({ status: 200 });
    expect((await app.http.get('/auth/me', { token: doomed.access_token })).status).toBe(401);
    await other.query('DROP FUNCTION doze CASCADE');
    tokens = (await login()).body;
  });
});

describe('PostgreSQL undoes transactions that have lost a race', () => {
  let app: TestApp;
  let email: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' }, { patient: false });
    email = (await app.createUser()).email;
  });
  afterAll(() => app.close());

  /** From now on only each nth attempt to write to a table succeeds. A sequence counts on whatever is undone. */
  const undo = async (table: string, sqlstate: string, nth: number): Promise<void> => {
    await app.dataSource.query(`DROP SEQUENCE IF EXISTS attempts CASCADE; CREATE SEQUENCE attempts MINVALUE 0;
      CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempts') % ${nth} < ${nth - 1} THEN RAISE EXCEPTION USING ERRCODE = '${sqlstate}'; END IF;
        RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER lose BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION lose()`);
  };
  const recover = () => app.dataSource.query('DROP FUNCTION IF EXISTS lose CASCADE');
  afterEach(recover);

  const login = () => app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
  const register = (name: string) =>
    app.http.post('/auth/register', { email: `${name}@example.com`, password: PASSWORD });

  for (const sqlstate of ['40001', '40P01']) {
    it(`three times in a row (${sqlstate}): nobody notices, of a statement and of a transaction`, async () => {
      await undo('sessions', sqlstate, 4);
      for (let round = 0; round < 3; round++) expect((await login()).status).toBe(200);
      await recover();
      await undo('passwords', sqlstate, 4);
      expect((await register(`loser-${sqlstate}`)).status).toBe(201);
      const [{ count }] = await app.dataSource.query<[{ count: string }]>(
        'SELECT count(*) FROM users WHERE email_canonical = $1',
        [`loser-${sqlstate.toLowerCase()}@example.com`],
      );
      expect(Number(count)).toBe(1);
    });
  }

  it('a fourth time: that is 503, and when to try again', async () => {
    await undo('sessions', '40001', 5);
    const answer = await login();
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('another fault is not tried again', async () => {
    await undo('passwords', '55P03', 2);
    expect((await register('unlucky')).status).toBe(503);
    expect((await register('unlucky')).status).toBe(201);
  });
});
