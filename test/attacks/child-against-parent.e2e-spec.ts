import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionTermination } from '../../src/sessions/session-termination.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { BY_TEST } from '../support/cause.js';
import { APPLICATION, openChild, openParent, type ClientSession } from '../support/client-sessions.js';
import { TestApp } from '../support/create-app.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';

const ROUNDS = 30;

describe('an application at the moment in which the browser signs out', () => {
  let app: TestApp;
  let orders: ServiceAccount;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    const admin = (await app.signedInAdmin()).tokens.access_token;
    orders = await ServiceAccount.create(app, admin, {
      ...APPLICATION,
      scopes: ['a'],
      audiences: ['orders'],
      served_audiences: ['orders'],
    });
  });
  afterAll(() => app.close());

  const client = () => ({ id: orders.id, scopes: ['a'], audiences: ['orders'] });
  const refresh = (refresh_token: string) =>
    orders.send<TokenResponse>('/oauth/token', { grant_type: 'refresh_token', refresh_token });
  const logout = ({ id }: ClientSession) => app.app.get(SessionTermination).end({ id }, 'logout', BY_TEST);

  /** Nothing of the session is alive, and the log has it. */
  async function expectDead(id: string, tokens: TokenResponse[]): Promise<void> {
    expect(await app.dataSource.query('SELECT 1 FROM sessions WHERE id = $1', [id])).toEqual([]);
    expect(await app.dataSource.query('SELECT 1 FROM revocations WHERE session_id = $1', [id])).toHaveLength(1);
    for (const { access_token, refresh_token } of tokens) {
      expect((await orders.send('/oauth/introspect', { token: access_token })).body).toEqual({ active: false });
      expect((await refresh(refresh_token)).status).toBe(400);
    }
  }

  it.each(['signs in first', 'comes second'])('and which %s: nothing of it outlives the browser', async (order) => {
    for (let round = 0; round < ROUNDS; round++) {
      const user = await app.createUser({ password: undefined });
      const parent = await openParent(app, user);
      const lock = await RowLock.take(app, 'SELECT FROM sessions WHERE id = $1 FOR UPDATE', [parent.id]);
      const open = () => openChild(app, user.id, parent.id, client());
      // The second waits behind the first for the row of the browser.
      const isFirst = order === 'signs in first';
      const first = isFirst ? open() : logout(parent);
      await lock.isWaitedFor(1);
      const second = isFirst ? logout(parent) : open();
      await lock.isWaitedFor(2);
      await lock.release();
      const [child, count] = isFirst ? [await first, await second] : [await second, await first];
      expect(child === null).toBe(!isFirst);
      expect(count).toMatchObject({ sessions: isFirst ? 2 : 1 });
      if (child) await expectDead((child as ClientSession).id, [(child as ClientSession).tokens]);
      expect(await app.dataSource.query('SELECT 1 FROM sessions WHERE user_id = $1', [user.id])).toEqual([]);
    }
  });

  it.each(['refreshes first', 'comes second'])('and which %s: no token of it outlives the browser', async (order) => {
    for (let round = 0; round < ROUNDS; round++) {
      const user = await app.createUser({ password: undefined });
      const parent = await openParent(app, user);
      const child = (await openChild(app, user.id, parent.id, client()))!;
      const lock = await RowLock.take(app, 'SELECT FROM sessions WHERE id = $1 FOR UPDATE', [child.id]);
      const isFirst = order === 'refreshes first';
      const refreshing = () => refresh(child.tokens.refresh_token);
      const first = isFirst ? refreshing() : logout(parent);
      await lock.isWaitedFor(1);
      const second = isFirst ? logout(parent) : refreshing();
      await lock.isWaitedFor(2);
      await lock.release();
      const [answer] = (isFirst ? [await first, await second] : [await second, await first]) as [
        Awaited<ReturnType<typeof refresh>>,
        unknown,
      ];
      expect(answer.status).toBe(isFirst ? 200 : 400);
      await expectDead(child.id, isFirst ? [child.tokens, answer.body] : [child.tokens]);
    }
  });

  it('and all refresh, sign in and sign out at once: nothing is left, and no lock is waited for in a circle', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const user = await app.createUser({ password: undefined });
      const parent = await openParent(app, user);
      const opened = (await Promise.all([1, 2, 3].map(() => openChild(app, user.id, parent.id, client())))).map(
        (child) => child!,
      );
      const [late, answers] = await Promise.all([
        Promise.all([1, 2, 3].map(() => openChild(app, user.id, parent.id, client()))),
        Promise.all(opened.map(({ tokens }) => refresh(tokens.refresh_token))),
        logout(parent),
        app.app.get(SessionTermination).end({ clientId: orders.id }, 'revoked_in_bulk', BY_TEST),
        app.app.get(SessionTermination).end({ userId: user.id }, 'ended_by_admin', BY_TEST),
      ]);
      for (const [index, { id, tokens }] of opened.entries()) {
        const { status, body } = answers[index]!;
        await expectDead(id, status === 200 ? [tokens, body] : [tokens]);
      }
      for (const child of late) if (child) await expectDead(child.id, [child.tokens]);
    }
    const [{ deadlocks }] = await app.dataSource.query<[{ deadlocks: string }]>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(deadlocks).toBe('0');
  });
});
