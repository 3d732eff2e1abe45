import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterBus } from '../../src/platform/events/cluster-bus.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import { AccessTokens } from '../../src/tokens/access-tokens.js';
import { ClientKey } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { Gate } from '../support/gate.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount, sendForm } from '../support/service-account.js';

const ROUNDS = 30;
/** Races that run side by side, each on a client of its own. */
const AT_ONCE = 15;

describe('getting tokens at the moment in which a client is disabled', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let here: TestApp;
  /** Another instance, which hears and reads nothing of its own accord. */
  let deaf: TestApp;
  let admin: { token: string };
  let key: ClientKey;
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false', DATABASE_POOL_SIZE: '50' };
    [here, deaf] = [await TestApp.start(environment), await TestApp.start(environment)];
    await deaf.app.get(ClusterBus).onModuleDestroy();
    await deaf.app.get(Jobs).onModuleDestroy();
    await deaf.app.get(RevocationService).beforeApplicationShutdown();
    key = await ClientKey.generate();
  });
  afterAll(async () => {
    await deaf?.close();
    await here?.close();
    await database.drop();
  });

  // Clocks stand still, at the middle of a second, but for what a test lets pass.
  beforeEach(async () => {
    const now = Math.ceil(Date.now() / 1000) * 1000 + 500;
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now });
    admin = { token: await here.adminToken() };
  });
  afterEach(() => vi.useRealTimers());
  const pass = (milliseconds: number) => void vi.advanceTimersByTime(milliseconds);

  type Ask = (app: TestApp, account: ServiceAccount) => Promise<{ status: number; body: Record<string, string> }>;
  const bySecret: Ask = (app, { basic }) =>
    sendForm(app, '/oauth/token', { grant_type: 'client_credentials' }, { authorization: basic });
  const byKey: Ask = async (app, { id }) => sendForm(app, '/oauth/token', await key.form(id));
  const tokensOf = (answers: Awaited<ReturnType<Ask>>[]) => answers.map(({ body }) => body['access_token']!);

  const patch = ({ id }: ServiceAccount, body: object) => here.http.patch(`/clients/${id}`, body, admin);
  const deleteSecret = ({ id, secretId }: ServiceAccount) =>
    here.http.delete(`/clients/${id}/secrets/${secretId}`, admin);
  type Loss = (account: ServiceAccount) => Promise<{ status: number }>;
  /** What is lost last, and what has been lost before, which whoever asks meanwhile waits for to pass. */
  const ENDINGS: Record<string, { before: Loss; last: Loss; asks: Ask[] }> = {
    'disabling it': {
      before: (account) => patch(account, { scopes: [] }),
      last: (account) => patch(account, { status: 'disabled' }),
      asks: [bySecret, byKey],
    },
    'deleting it': {
      before: (account) => patch(account, { scopes: [] }),
      last: ({ id }) => here.http.delete(`/clients/${id}`, admin),
      asks: [bySecret, byKey],
    },
    'deleting its secret and its key': {
      before: deleteSecret,
      last: (account) => patch(account, { jwks: null }),
      asks: [byKey],
    },
  };
  const names = Object.keys(ENDINGS);

  const accounts = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        ServiceAccount.create(here, admin.token, {
          jwks: key.jwks,
          scopes: ['a'],
          grant_types: ['client_credentials'],
        }),
      ),
    );
  const done = async (loss: Promise<{ status: number }>) => expect([200, 204]).toContain((await loss).status);
  /** Amid others it may be turned away, which promises nothing; what was done all the same is gone by then. */
  const insist = async (lose: () => Promise<{ status: number }>) => {
    let { status } = await lose();
    const again = status === 503;
    while (status === 503) ({ status } = await lose());
    expect(again ? [200, 204, 404] : [200, 204]).toContain(status);
  };
  const good = (answers: Awaited<ReturnType<Ask>>[]) =>
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const refuses = async (app: TestApp, tokens: string[]) => {
    for (const token of tokens) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({
        status: 401,
        body: { code: 'token_revoked' },
      });
    }
  };

  const inRounds = async (race: (account: ServiceAccount) => Promise<void>) => {
    for (let round = 0; round < ROUNDS; round += AT_ONCE) await Promise.all((await accounts(AT_ONCE)).map(race));
  };

  it.each(names)('%s: nothing that an instance mints which has not heard of it is alive', async (name) => {
    const { last } = ENDINGS[name]!;
    const tokens: string[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const made = await accounts(AT_ONCE);
      await Promise.all(
        made.map(async (account) => {
          const early = [await bySecret(here, account), await bySecret(deaf, account), await byKey(deaf, account)];
          good(early);
          if (name === 'deleting its secret and its key') await done(deleteSecret(account));
          await done(last(account));
          expect((await bySecret(here, account)).status).toBe(401);
          // Where it was done, it is true with the answer.
          await refuses(here, tokensOf(early));
          tokens.push(...tokensOf(early));
        }),
      );
      // As long as an instance knows a client without asking, and into the next second.
      pass(999);
      const late = await Promise.all(made.flatMap((account) => [bySecret(deaf, account), byKey(deaf, account)]));
      good(late);
      tokens.push(...tokensOf(late));
      pass(1);
      for (const account of made) expect((await bySecret(deaf, account)).status).toBe(401);
    }
    expect(tokens).toHaveLength(ROUNDS * 5);
    await refuses(here, tokens);
    await deaf.app.get(RevocationService).catchUp();
    await refuses(deaf, tokens);
  });

  it.each(names)('%s, while it waits for an earlier loss to pass: it gets nothing any more', async (name) => {
    const { before, last, asks } = ENDINGS[name]!;
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const made = await accounts(AT_ONCE);
      await Promise.all(made.map((account) => done(before(account))));
      const gates = [here, deaf].map(({ app }) => Gate.before(app.get(AccessTokens), 'waitFor'));
      const asking = [here, deaf].flatMap((app) => made.flatMap((account) => asks.map((ask) => ask(app, account))));
      for (const gate of gates) await gate.reached(AT_ONCE * asks.length);
      await Promise.all(made.map((account) => done(last(account))));
      pass(5_000);
      for (const gate of gates) gate.open();
      for (const { status } of await Promise.all(asking)) expect([401, 503]).toContain(status);
    }
  });

  it('disabling it, where the commit takes its time: whoever asks waits for it, and gets nothing', async () => {
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const made = await accounts(AT_ONCE);
      const early = await Promise.all(made.flatMap((account) => [bySecret(here, account), bySecret(deaf, account)]));
      good(early);
      // The loss appends its epoch last: it comes that far, and no further.
      const lock = await RowLock.take(here, 'SELECT FROM revocation_head FOR UPDATE');
      const losses = made.map((account) => done(patch(account, { status: 'disabled' })));
      await lock.isWaitedFor(AT_ONCE);
      // Longer than tokens are refused ahead of the time at which the change was begun.
      pass(5_000);
      const asking = [here, deaf].flatMap((app) => made.map((account) => bySecret(app, account)));
      await lock.isWaitedFor(AT_ONCE * 3);
      await lock.release();
      await Promise.all(losses);
      for (const { status } of await Promise.all(asking)) expect([401, 503]).toContain(status);
      await refuses(here, tokensOf(early));
    }
  });

  it.each(names)('%s amid a storm of requests leaves nothing alive', async (name) => {
    const { before, last } = ENDINGS[name]!;
    const held: string[] = [];
    // Whoever has lost something sleeps until tokens pass again: clocks have to go on meanwhile.
    vi.useRealTimers();
    admin = { token: await here.adminToken() };
    await inRounds(async (account) => {
      let isOver = false;
      const ask = async (app: TestApp, way: Ask) => {
        for (let asked = 0, behind = 0; asked < 50 && behind < 2; asked++, behind += Number(isOver)) {
          const { status, body } = await way(app, account);
          expect([200, 401, 503]).toContain(status);
          if (status === 200) held.push(body['access_token']!);
        }
      };
      const end = async () => {
        if (name === 'deleting its secret and its key') await insist(() => before(account));
        await insist(() => last(account));
        isOver = true;
      };
      await Promise.all([...[here, deaf].flatMap((app) => [ask(app, bySecret), ask(app, byKey)]), end()]);
    });
    await deaf.app.get(RevocationService).catchUp();
    for (const app of [here, deaf]) await refuses(app, held);
  });
});
