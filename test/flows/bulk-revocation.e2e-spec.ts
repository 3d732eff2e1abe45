import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransactionalEvents } from '../../src/platform/events/transactional-events.js';
import { SessionsEnded } from '../../src/sessions/session.events.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';

interface Counted {
  sessions: number;
  users: number;
  dry_run: boolean;
}

describe('an administrator signs out many at once', () => {
  let app: TestApp;
  let admin: User;
  let own: TokenResponse;
  const ended: SessionsEnded[] = [];
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    app.app.get(TransactionalEvents).on(SessionsEnded, (event) => Promise.resolve(void ended.push(event)));
    ({ user: admin } = await app.signedInAdmin());
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await app.dataSource.query('DELETE FROM sessions');
    await app.dataSource.query('DELETE FROM users WHERE id <> $1', [admin.id]);
    // Behind the epoch that the test before may have set.
    app.clock.advance(2);
    own = await signIn(admin);
    ended.length = 0;
    app.logLines.length = 0;
  });

  const signIn = (user: User, address = '127.0.0.1') => signInAs(app, user, { userAgent: null, address });
  const person = (roles = ['user']) => app.createUser({ password: undefined, roles });
  const revoke = (body: object, token = own.access_token) => app.http.post<Counted>('/revocations', body, { token });
  const counted = (sessions: number, users: number, dry_run = false) => ({
    status: 200,
    body: { sessions, users, dry_run },
  });
  const isAlive = async ({ access_token: token, refresh_token }: TokenResponse): Promise<boolean> => {
    const access = await app.http.get('/auth/me', { token });
    const refresh = await app.http.post('/auth/refresh', { refresh_token });
    expect([200, 401]).toContain(access.status);
    expect(refresh.status).toBe(access.status);
    return access.status === 200;
  };
  const alive = (all: TokenResponse[]) => Promise.all(all.map(isAlive));
  /** Many more sessions of a user, of which nobody holds tokens. */
  const fill = (userId: string, count: number) =>
    app.dataSource.query(
      `INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at, address)
       SELECT gen_random_uuid(), $1, '\\x00', $3, $3, $3::timestamptz + interval '30 days', '127.0.0.1'
       FROM generate_series(1, $2)`,
      [userId, count, app.clock.date()],
    );

  it('of one user, after counting them', async () => {
    const [bob, eve] = [await person(), await person()];
    const sessions = [await signIn(bob), await signIn(bob), await signIn(eve)];
    expect(await revoke({ user_id: bob.id, dry_run: true })).toMatchObject(counted(2, 1, true));
    expect(await alive(sessions.slice(2))).toEqual([true]);
    const before = await app.http.get('/auth/me', { token: sessions[0]!.access_token });
    expect(before.status).toBe(200);

    const answer = await revoke({ user_id: bob.id.toUpperCase() });
    expect(answer).toMatchObject(counted(2, 1));
    const [{ seq }] = await app.dataSource.query('SELECT seq FROM revocation_head');
    expect(answer.headers.get('revocation-seq')).toBe(seq);
    expect(await alive([...sessions.slice(0, 2), own])).toEqual([false, false, true]);
    expect(ended).toMatchObject([{ reason: 'revoked_in_bulk', sessions: [{ userId: bob.id }, { userId: bob.id }] }]);
    expect(await revoke({ user_id: bob.id })).toMatchObject(counted(0, 0));
  });

  it('writes who did it, by which criteria, and how many it were', async () => {
    const bob = await person();
    await signIn(bob);
    const criteria = { user_id: bob.id, network: '127.0.0.0/8', created_after: '2020-01-01T00:00:00Z' };
    await revoke(criteria);
    const line = app.logLines.map((text) => JSON.parse(text)).find(({ event }) => event === 'revoked_in_bulk');
    expect(line).toMatchObject({ ...criteria, by: admin.id, sessions: 1, users: 1, dry_run: false });
  });

  it('of those with a role, and nobody else', async () => {
    const [approver, both, user] = [
      await person(['orders:approver']),
      await person(['user', 'orders:approver']),
      await person(),
    ];
    const sessions = [await signIn(approver), await signIn(both), await signIn(both), await signIn(user)];
    expect(await revoke({ role: 'orders' })).toMatchObject(counted(0, 0));
    expect(await revoke({ role: 'orders:approver' })).toMatchObject(counted(3, 2));
    expect(await alive(sessions)).toEqual([false, false, false, true]);
  });

  it('of a time: opened before, after, or in between, its ends not included', async () => {
    const bob = await person();
    const sessions: TokenResponse[] = [];
    for (const time of ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z', '2026-01-02T00:00:00Z']) {
      sessions.push(await signIn(bob));
      await app.dataSource.query(
        "UPDATE sessions SET created_at = $1 WHERE user_id = $2 AND created_at > '2026-02-01'",
        [time, bob.id],
      );
    }
    const [, middle] = ['2026-01-01T00:00:00Z', '2026-01-02T01:00:00+01:00'];
    const between = { created_after: '2026-01-01T00:00:00Z', created_before: middle, dry_run: true };
    expect(await revoke(between)).toMatchObject(counted(1, 1, true));
    expect(await revoke({ ...between, created_after: '2025-12-31T23:59:59.999Z' })).toMatchObject(counted(2, 1, true));
    expect(await revoke({ created_before: '2026-01-01T00:00:00.001Z' })).toMatchObject(counted(1, 1));
    expect(await revoke({ created_after: '2026-01-01T00:00:00.001Z', user_id: bob.id })).toMatchObject(counted(1, 1));
    expect(await alive(sessions)).toEqual([false, true, false]);
  });

  it('of a network, in whatever spelling the address was stored', async () => {
    const bob = await person();
    const addresses: Record<string, string[]> = {
      '203.0.113.7': ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7'],
      '203.0.113.0/29': ['203.0.113.0', '203.0.113.7', '::ffff:203.0.113.7', '::ffff:203.0.113.7%eth0'],
      '2001:db8::/48': ['2001:db8::1', '2001:DB8:0:ffff::', '2001:0db8:0000::'],
      'fe80::1': ['fe80::1', 'fe80::1%eth0', 'fe80::1%eth0.5'],
    };
    const others = ['203.0.113.8', '::203.0.113.7', '::ffff:203.0.113.8', '2001:db8:1::', 'fe80::2', 'unknown'];
    for (const [network, inside] of Object.entries(addresses)) {
      await app.dataSource.query('DELETE FROM sessions WHERE user_id = $1', [bob.id]);
      const outside = await Promise.all(others.map((address) => signIn(bob, address)));
      const nowhere = await signIn(bob);
      await app.dataSource.query("UPDATE sessions SET address = NULL WHERE user_id = $1 AND address = '127.0.0.1'", [
        bob.id,
      ]);
      const sessions = await Promise.all(inside.map((address) => signIn(bob, address)));
      expect(await revoke({ network })).toMatchObject(counted(inside.length, 1));
      expect(await alive(sessions)).toEqual(inside.map(() => false));
      expect(await alive([...outside, nowhere])).toEqual([...others, null].map(() => true));
    }
  });

  it('of the first-party client, which are all; of another client only the tokens', async () => {
    const bob = await person();
    const session = await signIn(bob);
    const answer = await revoke({ client_id: 'nightly-report' });
    expect(answer).toMatchObject(counted(0, 0));
    const [epoch] = await app.dataSource.query('SELECT * FROM revocation_epochs ORDER BY seq DESC LIMIT 1');
    expect(epoch).toMatchObject({
      seq: answer.headers.get('revocation-seq'),
      kind: 'client',
      subject: 'nightly-report',
    });
    expect(await revoke({ client_id: 'web', user_id: admin.id })).toMatchObject(counted(0, 0));
    expect(await revoke({ client_id: 'web', dry_run: true })).toMatchObject(counted(1, 1, true));
    expect(await revoke({ client_id: 'web' })).toMatchObject(counted(1, 1));
    expect(await alive([session, own])).toEqual([false, true]);
  });

  it('combines criteria: only sessions that meet all of them end', async () => {
    const [bob, eve] = [await person(['user', 'staff']), await person()];
    const [here, there, hers] = [
      await signIn(bob, '10.0.0.1'),
      await signIn(bob, '10.9.0.1'),
      await signIn(eve, '10.0.0.1'),
    ];
    expect(await revoke({ role: 'staff', network: '10.0.0.0/16', client_id: 'web' })).toMatchObject(counted(1, 1));
    expect(await alive([here, there, hers])).toEqual([false, true, true]);
  });

  it('everybody but themselves, unless they say so', async () => {
    const sessions = [await signIn(await person()), await signIn(await person()), await signIn(admin)];
    expect(await revoke({ everybody: true, dry_run: true })).toMatchObject(counted(3, 3, true));
    expect(await revoke({ everybody: true, include_self: true, dry_run: true })).toMatchObject(counted(4, 3, true));
    expect(await revoke({ everybody: true })).toMatchObject(counted(3, 3));
    expect(await alive([...sessions, own])).toEqual([false, false, false, true]);
    expect(await revoke({ everybody: true, include_self: true })).toMatchObject(counted(1, 1));
    expect(await alive([own])).toEqual([false]);
  });

  it('a thousand are listed; one more, and an epoch speaks for all: those who live are refused once, and refresh', async () => {
    const [many, one] = [await person(), await person()];
    const [gone, bystander] = [await signIn(many), await signIn(one)];
    await fill(many.id, 999);
    expect(await revoke({ user_id: many.id })).toMatchObject(counted(1000, 1));
    expect(await alive([gone, bystander])).toEqual([false, true]);

    app.clock.advance(2);
    const again = [await signIn(many), await signIn(one)];
    // By the clock of another instance, which is fast.
    app.clock.advance(3);
    const ahead = await signIn(many);
    app.clock.advance(-3);
    await fill(many.id, 999);
    own = await signIn(admin);
    expect(await revoke({ user_id: many.id })).toMatchObject(counted(1001, 1));
    const [epoch] = await app.dataSource.query(
      'SELECT kind, cardinality(status_indexes) AS places FROM revocation_epochs ORDER BY seq DESC LIMIT 1',
    );
    expect(epoch).toEqual({ kind: 'all', places: 1001 });
    expect(await alive([again[0]!, ahead])).toEqual([false, false]);
    for (const { access_token: token, refresh_token } of [again[1]!, own]) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      const { status, body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
      expect(status).toBe(200);
      expect((await app.http.get('/auth/me', { token: body.access_token })).status).toBe(200);
    }
  });

  it('however many, in portions: none is forgotten, none comes twice, and a fault undoes all', async () => {
    const users = await Promise.all(Array.from({ length: 7 }, () => person()));
    for (const { id } of users) await fill(id, 1700);
    const session = await signIn(users[0]!);
    await app.dataSource.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'too slow' USING ERRCODE = 'query_canceled'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON revocation_epochs FOR EACH ROW EXECUTE FUNCTION refuse()`);
    expect(await revoke({ everybody: true })).toMatchObject({ status: 503 });
    await app.dataSource.query('DROP TRIGGER refuse ON revocation_epochs; DROP FUNCTION refuse()');
    expect(await isAlive(session)).toBe(true);

    ended.length = 0;
    expect(await revoke({ everybody: true, dry_run: true })).toMatchObject(counted(11_901, 7, true));
    expect(ended).toEqual([]);
    expect(await revoke({ everybody: true })).toMatchObject(counted(11_901, 7));
    expect(ended.map(({ sessions }) => sessions.length)).toEqual([5000, 5000, 1901]);
    expect(new Set(ended.flatMap(({ sessions }) => sessions.map(({ id }) => id))).size).toBe(11_901);
  });

  it.each([
    ['everybody', {}],
    ['everybody', { dry_run: true }],
    ['everybody', { include_self: true }],
    ['everybody', { everybody: false }],
    ['everybody', { everybody: true, role: 'user' }],
    ['everybody', { everybody: 'true' }],
    ['user_id', { user_id: '1' }],
    ['user_id', { user_id: null }],
    ['role', { role: '' }],
    ['role', { role: ['user'] }],
    ['client_id', { client_id: 'nightly-report', user_id: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a' }],
    ['created_before', { created_before: '2026-02-30T00:00:00Z' }],
    ['created_before', { created_before: '2026-02-03' }],
    ['created_before', { created_before: '2026-02-03T00:00:00' }],
    ['created_after', { created_after: 1_795_400_000 }],
    ['created_after', { created_after: '2026-01-01T00:00:60Z' }],
    ['network', { network: '203.0.113.7/24' }],
    ['network', { network: 'unknown' }],
    ['dry_run', { everybody: true, dry_run: 'yes' }],
    ['dry_run', { everybody: true, dry_run: null }],
    ['session', { session: 'x' }],
  ])('is told that %s is wrong in %j, and nobody is signed out', async (field, body) => {
    const session = await signIn(await person());
    const answer = await revoke(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field }] } });
    expect(await alive([session, own])).toEqual([true, true]);
  });
});
