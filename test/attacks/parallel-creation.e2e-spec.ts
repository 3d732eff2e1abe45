import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import type { Answer } from '../support/http-client.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';

const ROUNDS = 30;
/** Fewer than the pool has connections, so that all of them can be between their count and their insert. */
const PARALLEL = 8;
/** Inserts wait while the test holds this lock. */
const GATE = 4711;

type Create = (name: string) => Promise<Answer<{ code?: string }>>;

describe('creating more of something at once than there may be', () => {
  let app: TestApp;
  let admin: { token: string };
  let account: ServiceAccount;

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    await app.dataSource.query(
      `CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW; END $$`,
    );
    for (const table of new Set(Object.values(CASES).map((one) => one.table))) {
      await app.dataSource.query(
        `CREATE TRIGGER gate BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`,
      );
    }
    admin = { token: await app.adminToken() };
    account = await ServiceAccount.create(app, admin.token);
  });
  afterAll(() => app.close());

  /** Holds up every insert until all of them have begun: whoever has counted has not inserted yet. */
  async function allAtOnce(create: Create): Promise<Answer<{ code?: string }>[]> {
    const gate = await RowLock.take(app, `SELECT pg_advisory_xact_lock(${GATE})`);
    const answers = Array.from({ length: PARALLEL }, (_, index) => create(`n${index}`));
    await gate.isWaitedFor(PARALLEL);
    await gate.release();
    return Promise.all(answers);
  }

  const ISSUER = 'https://issuer.example.com';
  const JWKS = {
    keys: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
  };
  const CASES: Record<string, { table: string; most: number; code: string; create: Create }> = {
    'streams of shared signals': {
      table: 'signal_streams',
      most: 100,
      code: 'too_many_streams',
      create: () => app.http.post('/shared-signals/streams', {}, admin),
    },
    'personal access tokens': {
      table: 'api_keys',
      most: 50,
      code: 'too_many_api_keys',
      create: (name) => app.http.post('/api-keys', { name }, admin),
    },
    'keys of a service account': {
      table: 'api_keys',
      most: 50,
      code: 'too_many_api_keys',
      create: (name) => app.http.post(`/clients/${account.id}/api-keys`, { name }, admin),
    },
    'secrets of a service account': {
      table: 'client_secrets',
      most: 2,
      code: 'too_many_secrets',
      create: () => app.http.post(`/clients/${account.id}/secrets`, {}, admin),
    },
    'workload identities of a service account': {
      table: 'workload_identities',
      most: 32,
      code: 'too_many_workload_identities',
      create: (name) =>
        app.http.post(
          `/clients/${account.id}/workload-identities`,
          { issuer: ISSUER, subject: `${name}-${Math.random()}`, jwks: JWKS },
          admin,
        ),
    },
  };

  it.each(Object.keys(CASES))('%s: one place, one of them', { timeout: 120_000 }, async (name) => {
    const { table, most, code, create } = CASES[name]!;
    const { dataSource } = app;
    const count = async () => (await dataSource.query<[{ n: number }]>(`SELECT count(*)::int AS n FROM ${table}`))[0].n;
    await dataSource.query(`DELETE FROM ${table}`);
    while ((await count()) < most) expect((await create(`filler ${await count()}`)).status).toBe(201);
    for (let round = 0; round < ROUNDS; round++) {
      await dataSource.query(`DELETE FROM ${table} WHERE id::text = (SELECT min(id::text) FROM ${table})`);
      const answers = await allAtOnce(create);
      expect(await count()).toBe(most);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        201,
        ...Array.from({ length: PARALLEL - 1 }, () => 409),
      ]);
      for (const { status, body } of answers) if (status === 409) expect(body.code).toBe(code);
    }
  });
});
