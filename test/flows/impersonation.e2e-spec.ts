import { ImpersonationTokens } from '../../src/administration/impersonation-tokens.js';
import { SessionTermination } from '../../src/sessions/session-termination.js';
import type { User } from '../../src/users/user.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { Gate } from '../support/gate.js';
import { soon } from './service-process.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Answer {
  access_token: string;
  token_type: string;
  expires_in: number;
}

describe('a person who acts for a user', () => {
  let app: TestApp;
  let staff: { user: User; token: string };
  let user: User;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
  });
  afterAll(() => app.close());

  const signInStaff = async (roles = ['impersonator']) => {
    const { user: signedIn, tokens } = await app.signedInUser({ roles });
    return { user: signedIn, token: tokens.access_token };
  };
  const ask = (id: string, token: string, body: object = { reason: 'ticket 4711' }) =>
    app.http.post<Answer>(`/users/${id}/impersonate`, body, { token });
  const impersonate = async (): Promise<string> => {
    const { status, body, text } = await ask(user.id, staff.token);
    expect(status, text).toBe(200);
    return body.access_token;
  };
  const statusOf = async (token: string) => (await app.http.get('/auth/me', { token })).status;
  const newPair = async () => {
    staff = await signInStaff();
    user = await app.createUser({ roles: ['user', 'buyer'] });
  };

  beforeAll(newPair);

  it('gets a short token with the roles of the user, which names both', async () => {
    const { body } = await ask(user.id, staff.token);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect(body).not.toHaveProperty('refresh_token');
    expect(decodeToken(body.access_token).claims).toMatchObject({
      sub: user.id,
      act: { sub: staff.user.id },
      sid: decodeToken(staff.token).claims['sid'],
      roles: ['user', 'buyer'],
    });
    const me = await app.http.get('/auth/me', { token: body.access_token });
    expect(me.body).toMatchObject({ sub: user.id, act: { sub: staff.user.id }, roles: ['user', 'buyer'] });
    expect((await app.http.get('/auth/me', { token: staff.token })).body).toMatchObject({ act: null });
    const verdict = await app.http.get('/gateway/verify', { token: body.access_token });
    expect(verdict.headers.get('x-auth-subject')).toBe(user.id);
    expect(verdict.headers.get('x-auth-actor')).toBe(staff.user.id);
  });

  it('may ask for a shorter life, and for no longer one', async () => {
    const { body } = await ask(user.id, staff.token, { reason: 'ticket 4711', expires_in: 60 });
    expect(body.expires_in).toBe(60);
    for (const expires_in of [59, 601, 60.5, '60', null]) {
      const refused = await ask(user.id, staff.token, { reason: 'ticket 4711', expires_in });
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
  });

  it('gives a reason, and has signed in a moment ago or gives the own password', async () => {
    for (const body of [{}, { reason: '' }, { reason: 'x'.repeat(201) }, { reason: 1 }]) {
      expect(await ask(user.id, staff.token, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    const { tokens } = await app.signedInUser({ roles: ['impersonator'] });
    app.clock.advance(601);
    const refreshed = await app.http.post<Answer>('/auth/refresh', { refresh_token: tokens.refresh_token });
    const { access_token: late } = refreshed.body;
    const reason = 'ticket 4711';
    expect(await ask(user.id, late)).toMatchObject({ status: 401, body: { code: 'insufficient_user_authentication' } });
    expect((await ask(user.id, late, { reason, current_password: PASSWORD })).status).toBe(200);
    await newPair();
  });

  it('is told that there is no such user', async () => {
    expect(await ask('0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a', staff.token)).toMatchObject({ status: 404 });
  });

  it('gets none where the role is lost between the guard and the record of it', async () => {
    const gate = Gate.before(app.app.get(ImpersonationTokens), 'admit');
    const asked = ask(user.id, staff.token);
    await gate.reached(1);
    await app.app.get(UsersService).update(staff.user.id, { roles: ['user'] }, BY_TEST);
    gate.open();
    expect(await asked).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await newPair();
  });

  it('is disabled after the token was recorded, and waits for nothing that it holds back itself; the token is refused', async () => {
    const gate = Gate.before(app.app.get(ImpersonationTokens), 'record');
    const asked = ask(user.id, staff.token);
    await gate.reached(1);
    const disabled = app.app.get(UsersService).update(staff.user.id, { status: 'disabled' }, BY_TEST);
    // Not for the session: then it would hold the row of the actor, which the impersonation needs.
    const waiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ '"users".*FOR NO KEY UPDATE'`;
    expect(await soon(async () => (await app.dataSource.query<unknown[]>(waiting)).length === 1)).toBe(true);
    gate.open();
    const { status, body } = await asked;
    await disabled;
    expect(status).toBe(200);
    expect(await statusOf(body.access_token)).toBe(401);
    await newPair();
  });

  describe('is refused from the moment that', () => {
    const ends: [string, () => Promise<unknown>][] = [
      ['the user is disabled', () => app.app.get(UsersService).update(user.id, { status: 'disabled' }, BY_TEST)],
      ['the user is deleted', () => app.app.get(UsersService).delete(user.id, BY_TEST)],
      ['the user loses a role', () => app.app.get(UsersService).update(user.id, { roles: ['user'] }, BY_TEST)],
      ['the actor is disabled', () => app.app.get(UsersService).update(staff.user.id, { status: 'disabled' }, BY_TEST)],
      ['the actor loses the role', () => app.app.get(UsersService).update(staff.user.id, { roles: ['user'] }, BY_TEST)],
      ['the actor signs out', () => app.http.post('/auth/logout', undefined, { token: staff.token })],
      [
        'the sessions of the actor are ended',
        () => app.app.get(SessionTermination).end({ userId: staff.user.id }, 'ended_by_admin', BY_TEST),
      ],
    ];

    it.each(ends)('%s', async (_, end) => {
      await newPair();
      const token = await impersonate();
      expect(await statusOf(token)).toBe(200);
      await end();
      expect(await statusOf(token)).toBe(401);
      await newPair();
    });

    it.each(ends)('%s, also where that happens while the token is being issued', async (_, end) => {
      await newPair();
      const gate = Gate.before(app.app.get(ImpersonationTokens), 'issue');
      const asked = ask(user.id, staff.token);
      await gate.reached(1);
      await end();
      gate.open();
      const { status, body } = await asked;
      if (status === 200) expect(await statusOf(body.access_token)).toBe(401);
      await newPair();
    });
  });
});
