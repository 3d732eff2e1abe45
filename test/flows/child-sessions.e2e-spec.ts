import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransactionalEvents } from '../../src/platform/events/transactional-events.js';
import { SessionsEnded } from '../../src/sessions/session.events.js';
import { SessionTermination } from '../../src/sessions/session-termination.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { BY_TEST } from '../support/cause.js';
import {
  APPLICATION,
  expectAllRevoked,
  openChild,
  openParent,
  sessionIdsOf,
  type ClientSession,
} from '../support/client-sessions.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { ServiceAccount } from '../support/service-account.js';

const DAY = 86_400;

let app: TestApp;
let admin: string;
let observer: ServiceAccount;
beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMITS: 'false' });
  admin = (await app.signedInAdmin()).tokens.access_token;
  observer = await ServiceAccount.create(app, admin, { served_audiences: ['api', 'orders', 'stock'] });
});
afterAll(() => app.close());

const claimsOf = ({ access_token }: TokenResponse) => decodeToken(access_token).claims;
const person = () => app.createUser({ password: undefined });
const rowsOf = (userId: string) => sessionIdsOf(app, userId);
const refreshFirstParty = ({ refresh_token }: TokenResponse) =>
  app.http.post<TokenResponse & { code?: string }>('/auth/refresh', { refresh_token });
const expectRevoked = (sessions: readonly ClientSession[]) => expectAllRevoked(app, observer, sessions);

describe('a session under that of a browser', () => {
  it('takes its authentication, and is over no later', async () => {
    const user = await person();
    const at = new Date(app.clock.now() - 1000);
    const parent = await openParent(app, user, { at, methods: ['pwd', 'otp', 'mfa'], level: 'aal2' });
    app.clock.advance(100);
    const child = (await openChild(app, user.id, parent.id))!;
    const rows = await app.dataSource.query('SELECT * FROM sessions WHERE user_id = $1 ORDER BY created_at', [user.id]);
    const proof = { auth_time: at, amr: ['pwd', 'otp', 'mfa'], acr: 'aal2' };
    expect(rows).toMatchObject([proof, { ...proof, parent_id: parent.id, expires_at: rows[0].expires_at }]);
    const stated = { auth_time: Math.floor(at.getTime() / 1000), amr: proof.amr, acr: 'aal2' };
    expect(claimsOf(parent.tokens)).toMatchObject(stated);
    expect(claimsOf(child.tokens)).toMatchObject(stated);
    const { body } = await refreshFirstParty(parent.tokens);
    expect(claimsOf(body)).toMatchObject(stated);
    expect((await app.http.get('/auth/me', { token: body.access_token })).status).toBe(200);
  });

  it('says nothing of it in access tokens where a password was all; a later proof it does', async () => {
    const user = await person();
    const parent = await openParent(app, user);
    expect(Object.keys(claimsOf(parent.tokens))).toEqual(
      'iss sub aud exp iat jti client_id sid roles email'.split(' '),
    );
    await app.dataSource.query(`UPDATE sessions SET auth_time = created_at + interval '1 minute' WHERE id = $1`, [
      parent.id,
    ]);
    expect(claimsOf((await refreshFirstParty(parent.tokens)).body)).toMatchObject({ acr: 'aal1', amr: ['pwd'] });
  });

  it.each<[string, (user: User, parent: ClientSession) => Promise<[userId: string, parentId: string]>]>([
    [
      'is over',
      async (user, parent) => (
        await app.app.get(SessionTermination).end({ id: parent.id }, 'logout', BY_TEST),
        [user.id, parent.id]
      ),
    ],
    ['is of another user', async (_, parent) => [(await person()).id, parent.id]],
    ['has passed its absolute limit', async (user, { id }) => (await age(id, 'expires_at', 181 * DAY), [user.id, id])],
    ['was not used for too long', async (user, { id }) => (await age(id, 'rotated_at', 31 * DAY), [user.id, id])],
    ['is a child itself', async (user, { id }) => [user.id, (await openChild(app, user.id, id))!.id]],
    ['has never been', async (user) => [user.id, user.id]],
  ])('does not open where that %s', async (_, under) => {
    const user = await person();
    const target = await under(user, await openParent(app, user));
    const before = await rowsOf(target[0]);
    expect(await openChild(app, ...target)).toBeNull();
    expect(await rowsOf(target[0])).toEqual(before);
  });
  const age = (id: string, column: string, seconds: number) =>
    app.dataSource.query(`UPDATE sessions SET ${column} = ${column} - make_interval(secs => $2) WHERE id = $1`, [
      id,
      seconds,
    ]);

  interface Family {
    user: User;
    parent: ClientSession;
    children: ClientSession[];
    elsewhere: ClientSession;
  }
  const family = async (): Promise<Family> => {
    const user = await app.createUser();
    const parent = await openParent(app, user);
    const children = [(await openChild(app, user.id, parent.id))!, (await openChild(app, user.id, parent.id))!];
    return { user, parent, children, elsewhere: await openParent(app, user) };
  };
  const ENDINGS: Record<string, (family: Family) => Promise<{ status: number }>> = {
    'a logout by access token': ({ parent: { tokens } }) =>
      app.http.post('/auth/logout', undefined, { token: tokens.access_token }),
    'a logout by refresh token': ({ parent: { tokens } }) =>
      app.http.post('/auth/logout', { refresh_token: tokens.refresh_token }),
    'ending it from another device': ({ parent, elsewhere }) =>
      app.http.delete(`/sessions/${String(claimsOf(parent.tokens)['sid'])}`, { token: elsewhere.tokens.access_token }),
    'ending all others from another device': ({ elsewhere }) =>
      app.http.delete('/sessions', { token: elsewhere.tokens.access_token }),
    'a password change on another device': ({ elsewhere }) =>
      app.http.post(
        '/auth/password',
        { current_password: PASSWORD, new_password: 'another and better one' },
        { token: elsewhere.tokens.access_token },
      ),
    'an administrator': ({ user }) => app.http.delete(`/users/${user.id}/sessions`, { token: admin }),
    'disabling the user': ({ user }) => app.http.patch(`/users/${user.id}`, { status: 'disabled' }, { token: admin }),
    'deleting the user': ({ user }) => app.http.delete(`/users/${user.id}`, { token: admin }),
    'a bulk revocation of the first-party sessions': ({ user }) =>
      app.http.post('/revocations', { client_id: 'web', user_id: user.id }, { token: admin }),
    'reuse of a refresh token': async ({ parent: { tokens } }) => {
      const first = await refreshFirstParty(tokens);
      await refreshFirstParty(first.body);
      expect(await refreshFirstParty(tokens)).toMatchObject({ body: { code: 'refresh_token_reused' } });
      return { status: 200 };
    },
  };

  it.each(Object.keys(ENDINGS))('ends with it by %s, and is in the log', async (name) => {
    const group = await family();
    const { user, parent, children, elsewhere } = group;
    const ended: string[] = [];
    app.app
      .get(TransactionalEvents)
      .on(SessionsEnded, ({ sessions }) => Promise.resolve(void ended.push(...sessions.map(({ id }) => id))));
    const { status } = await ENDINGS[name]!(group);
    expect([200, 204]).toContain(status);
    const all = [parent, ...children];
    expect((await rowsOf(user.id)).filter((id) => all.some((session) => session.id === id))).toEqual([]);
    expect(ended).toEqual(expect.arrayContaining(all.map(({ id }) => id)));
    await expectRevoked(
      name.startsWith('an administrator') || /disabl|delet|bulk/.test(name) ? [...all, elsewhere] : all,
    );
  });

  it('ends alone by its own logout, and leaves the browser and its siblings signed in', async () => {
    const { user, parent, children, elsewhere } = await family();
    await app.app.get(SessionTermination).end({ id: children[0]!.id }, 'logout', BY_TEST);
    await expectRevoked([children[0]!]);
    expect((await rowsOf(user.id)).sort()).toEqual([parent.id, children[1]!.id, elsewhere.id].sort());
  });

  it('keeps the browser signed in where it ends all others', async () => {
    const { user, parent, children } = await family();
    const own = children[0]!.id;
    await app.app.get(SessionTermination).end({ userId: user.id, except: own }, 'ended_by_user', BY_TEST);
    expect((await rowsOf(user.id)).sort()).toEqual([parent.id, own].sort());
  });

  it('keeps the row of an idle browser while it is used itself; past their limits both are forgotten', async () => {
    const { user, parent, children } = await family();
    await age(parent.id, 'rotated_at', 31 * DAY);
    await age(children[1]!.id, 'rotated_at', 31 * DAY);
    await app.app.get(SessionsService).purge();
    const left = await rowsOf(user.id);
    expect(left).toEqual(expect.arrayContaining([parent.id, children[0]!.id]));
    expect(left).not.toContain(children[1]!.id);
    await app.app.get(SessionTermination).end({ id: parent.id }, 'ended_by_user', BY_TEST);
    await expectRevoked([parent, children[0]!]);

    const next = await family();
    await app.dataSource.query(
      'UPDATE sessions SET expires_at = expires_at - make_interval(secs => $2) WHERE user_id = $1',
      [next.user.id, 181 * DAY],
    );
    await app.app.get(SessionsService).purge();
    expect(await rowsOf(next.user.id)).toEqual([]);
  });

  it('does not refresh where the previous version, which knows of no parent, has ended that alone', async () => {
    const user = await person();
    const orders = await ServiceAccount.create(app, admin, { ...APPLICATION, scopes: ['a'], audiences: ['orders'] });
    const parent = await openParent(app, user);
    const client = { id: orders.id, scopes: ['a'], audiences: ['orders'] };
    const { tokens } = (await openChild(app, user.id, parent.id, client))!;
    const refresh = (refresh_token: string) =>
      orders.send<TokenResponse>('/oauth/token', { grant_type: 'refresh_token', refresh_token });
    const next = await refresh(tokens.refresh_token);
    await app.dataSource.query('DELETE FROM sessions WHERE id = $1', [parent.id]);
    for (const { refresh_token } of [tokens, next.body])
      expect(await refresh(refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('counts with a browser what ends with it', async () => {
    const user = await person();
    const parent = await openParent(app, user);
    await openChild(app, user.id, parent.id);
    const revoke = (body: object) => app.http.post('/revocations', { ...body }, { token: admin });
    const body = { client_id: 'web', user_id: user.id };
    expect(await revoke({ ...body, dry_run: true })).toMatchObject({ body: { sessions: 2, users: 1 } });
    expect(await revoke(body)).toMatchObject({ body: { sessions: 2, users: 1 } });
  });
});

describe('the previous version of the service beside this one', () => {
  it('opens sessions of the first-party client, by password', async () => {
    const user = await person();
    const { tokens, id } = await openParent(app, user);
    const [{ hash }] = await app.dataSource.query<[{ hash: Buffer }]>(
      'WITH gone AS (DELETE FROM sessions WHERE id = $1 RETURNING secret_hash) SELECT secret_hash AS hash FROM gone',
      [id],
    );
    const now = app.clock.date();
    const values = [id, user.id, hash, now, new Date(now.getTime() + DAY * 1000), null, '127.0.0.1'];
    // Its statement, word for word.
    const opened = await app.dataSource.query(
      `WITH owner AS (
      SELECT id, email, roles, token_epoch FROM users
      WHERE id = $2 AND status = 'active' AND credentials_version = $8 FOR SHARE),
    opened AS (
      INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at, user_agent, address,
        dpop_jkt)
      SELECT $1, id, $3, $4, greatest($4, to_timestamp(token_epoch + 1)), $5, $6, $7, $9 FROM owner
      RETURNING rotated_at, expires_at, status_index, dpop_jkt)
    SELECT owner.id AS user_id, owner.email, owner.roles, opened.* FROM owner, opened`,
      [...values, user.credentialsVersion, null],
    );
    expect(opened).toHaveLength(1);
    const { status, body } = await refreshFirstParty(tokens);
    expect(status).toBe(200);
    expect(claimsOf(body)).toMatchObject({ client_id: 'web', aud: 'api', sub: user.id });
    expect(Object.keys(claimsOf(body))).not.toContain('acr');
    const child = (await openChild(app, user.id, id))!;
    const rows = await app.dataSource.query('SELECT auth_time, amr, acr FROM sessions WHERE id = $1', [child.id]);
    expect(rows).toEqual([{ auth_time: now, amr: ['pwd'], acr: 'aal1' }]);
  });

  it('has its index, made beside writers', async () => {
    const [index] = await app.dataSource.query<{ valid: boolean }[]>(
      `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'sessions_parent_id'::regclass`,
    );
    expect(index).toEqual({ valid: true });
  });
});
