import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProvedUser } from '../../src/auth/sign-in/decide-sign-in.js';
import type { SignInProof } from '../../src/auth/sign-in/sign-in-proof.js';
import { SignInService } from '../../src/auth/sign-in/sign-in.service.js';
import { PasswordHasher } from '../../src/passwords/password-hasher.js';
import type { User } from '../../src/users/user.entity.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';

const TEMPORARY = 'for the first morning only';
const OWN = 'staple battery horse correct';

describe('a temporary password', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    admin = await app.adminToken();
  });
  afterAll(() => app.close());

  const login = (email: string, password: string, more: object = {}) =>
    app.http.post<{ access_token: string }>('/auth/login', { email, password, ...more }, fromAnotherNetwork());
  const setFor = (id: string, password = TEMPORARY) =>
    app.http.send('PUT', `/users/${id}/password`, { body: { password }, token: admin });
  const CHANGE_REQUIRED = { status: 403, body: { code: 'password_change_required' } };

  /** A user, by what has given them their temporary password. */
  const WAYS: [string, () => Promise<User>][] = [
    [
      'that is set',
      async () => {
        const user = await app.createUser();
        expect((await setFor(user.id)).status).toBe(204);
        return user;
      },
    ],
    [
      'that is set where there was none',
      async () => {
        const user = await app.createUser({ password: undefined });
        expect((await setFor(user.id)).status).toBe(204);
        return user;
      },
    ],
    [
      'of a new user',
      async () => {
        const email = `newcomer-${Math.random()}@example.com`;
        const body = { email, password: TEMPORARY, must_change_password: true };
        const created = await app.http.post<User>('/users', body, { token: admin });
        expect(created.status).toBe(201);
        return created.body;
      },
    ],
  ];

  it.each(WAYS)('%s opens nothing, and is changed once by signing in', async (_, given) => {
    const { email, id } = await given();
    for (const transport of ['token', 'cookie']) {
      const refused = await login(email, TEMPORARY, { transport });
      expect(refused).toMatchObject(CHANGE_REQUIRED);
      expect(refused.headers.getSetCookie()).toEqual([]);
      expect(await login(email, 'another one, which is wrong', { transport, new_password: OWN })).toMatchObject({
        status: 401,
        body: { code: 'invalid_credentials' },
      });
    }
    const opened = 'SELECT 1 FROM sessions WHERE user_id = $1';
    expect(await app.dataSource.query(opened, [id])).toEqual([]);

    const signedIn = await login(email, TEMPORARY, { new_password: OWN });
    expect(signedIn.status).toBe(200);
    expect((await app.http.get('/auth/me', { token: signedIn.body.access_token })).status).toBe(200);
    expect((await login(email, TEMPORARY)).status).toBe(401);
    expect((await login(email, OWN)).status).toBe(200);
  });

  it('opens nothing by any method that leads to a session, nor does a proof of other credentials', async () => {
    const { id, credentialsVersion } = await app.createUser({ mustChange: true });
    const signIns = app.app.get(SignInService);
    const proof: SignInProof = {
      method: 'password',
      amr: ['pwd'],
      factors: ['knowledge'],
      userId: id,
      credentialsVersion,
      at: app.clock.date(),
    };
    const device = { userAgent: null, address: '127.0.0.1' };
    const refused: [Partial<ProvedUser>, string][] = [
      [{}, 'password_change_required'],
      [{ hasTemporaryPassword: false, awaitsVerification: true }, 'email_not_verified'],
      [{ hasTemporaryPassword: false, proofs: [] }, 'invalid_credentials'],
      [{ hasTemporaryPassword: false, proofs: [{ ...proof, credentialsVersion: -1 }] }, 'invalid_credentials'],
    ];
    for (const [changes, code] of refused) {
      const facts = {
        id,
        credentialsVersion,
        hasTemporaryPassword: true,
        awaitsVerification: false,
        hasSecondFactor: false,
      };
      const user: ProvedUser = { ...facts, proofs: [proof], ...changes };
      await expect(signIns.signIn(user, device)).rejects.toMatchObject({ code });
      await expect(signIns.replace([], user, device, BY_TEST)).rejects.toMatchObject({ code });
    }
    expect(await app.dataSource.query('SELECT 1 FROM sessions WHERE user_id = $1', [id])).toEqual([]);
  });

  it('is changed by a login with a cookie, too', async () => {
    const user = await app.createUser({ mustChange: true });
    const answer = await login(user.email, PASSWORD, { new_password: OWN, transport: 'cookie' });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).toContain('countersign=');
  });

  it('ends all sessions, as the old password does', async () => {
    const { user, tokens } = await app.signedInUser();
    expect((await setFor(user.id)).status).toBe(204);
    expect(await app.http.get('/auth/me', { token: tokens.access_token })).toMatchObject({
      status: 401,
      body: { code: 'token_revoked' },
    });
    const { refresh_token } = tokens;
    expect((await app.http.post('/auth/refresh', { refresh_token })).status).toBe(401);
    expect((await login(user.email, PASSWORD)).status).toBe(401);
  });

  it.each([
    ['the same once more', TEMPORARY, 'same_password'],
    ['the same in another form', TEMPORARY.replace('f', '\uff46'), 'same_password'],
    ['a common one', 'letmein123', 'common'],
  ])('is not changed to %s, which is no guess', async (_, new_password, code) => {
    const { email, id } = await app.createUser();
    await setFor(id);
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(await login(email, TEMPORARY, { new_password })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'new_password', code }] },
      });
    }
    expect((await login(email, TEMPORARY, { new_password: OWN })).status).toBe(200);
  });

  it('is limited as any other: guesses run out, whether or not they bring a new one', async () => {
    const { email } = await app.createUser({ mustChange: true });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) {
      statuses.push((await login(email, `wrong guess ${attempt}`, { new_password: OWN })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await login(email, PASSWORD)).status).toBe(429);
  });

  it('confirms nothing as `current_password`, but may be changed by a session that there is', async () => {
    const { user, tokens } = await app.signedInUser();
    // As a previous version of the service, which knows of no such passwords, would have left it.
    await app.dataSource.query('UPDATE passwords SET must_change = true WHERE user_id = $1', [user.id]);
    const { access_token: token } = tokens;
    const body = { current_password: PASSWORD };
    expect(await app.http.send('DELETE', '/users/me', { body, token })).toMatchObject(CHANGE_REQUIRED);
    const change = (new_password: string) => app.http.post('/auth/password', { ...body, new_password }, { token });
    expect((await change(PASSWORD)).status).toBe(400);
    expect((await change(OWN)).status).toBe(204);
    expect((await login(user.email, OWN)).status).toBe(200);
  });

  it('of a disabled user is as wrong as any', async () => {
    const { email } = await app.createUser({ mustChange: true, status: 'disabled' });
    expect((await login(email, PASSWORD)).status).toBe(401);
    expect((await login(email, PASSWORD, { new_password: OWN })).status).toBe(401);
  });

  it('is what `new_password` is for: with any other it is refused, and nothing changes', async () => {
    const { email } = await app.createUser();
    expect(await login(email, PASSWORD, { new_password: OWN })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'new_password', code: 'not_temporary' }] },
    });
    expect((await login(email, PASSWORD)).status).toBe(200);
  });

  it('needs a password, and a user', async () => {
    const body = { email: 'none@example.com', must_change_password: true };
    expect(await app.http.post('/users', body, { token: admin })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'must_change_password' }] },
    });
    expect((await setFor('0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a')).status).toBe(404);
    const { id, email } = await app.createUser();
    expect((await setFor(id, email)).status).toBe(400);
  });

  it('has one winner of ten who change it at the same moment', async () => {
    for (let round = 0; round < 30; round++) {
      const { email } = await app.createUser({ mustChange: true });
      const wishes = Array.from({ length: 10 }, (_, n) => `wish ${n} of the round ${round}`);
      // All have found the temporary password right before one of them changes it.
      const gate = Gate.before(app.app.get(PasswordHasher), 'hashNew');
      const under = wishes.map((new_password) => login(email, PASSWORD, { new_password }));
      await gate.reached(10);
      gate.open();
      const statuses = (await Promise.all(under)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(9);
      expect((await login(email, wishes[statuses.indexOf(200)]!)).status).toBe(200);
    }
  });

  it('that is set while a login is under way leaves it no session', async () => {
    for (let round = 0; round < 30; round++) {
      const { id, email } = await app.createUser();
      const gate = Gate.before(app.app.get(PasswordHasher), 'upgrade');
      const underWay = login(email, PASSWORD);
      await gate.reached(1);
      expect((await setFor(id)).status).toBe(204);
      gate.open();
      expect((await underWay).status).toBe(401);
    }
  });
});

let networks = 0;
const fromAnotherNetwork = () => ({
  // A page of this origin, for those that bring cookies.
  headers: { 'x-forwarded-for': `198.18.${++networks >> 8}.${networks & 255}`, 'sec-fetch-site': 'same-origin' },
});
