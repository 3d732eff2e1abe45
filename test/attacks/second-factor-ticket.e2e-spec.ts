import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiOf } from '../../src/app.setup.js';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Authenticator, firstStep } from '../support/second-factor.js';

const NEXT = 'nine purple umbrellas';

describe('using the ticket between the factors of a sign-in', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' })));
  afterAll(() => app.close());

  const person = async () => {
    const { user, tokens } = await app.signedInUser();
    return { user, token: tokens.access_token, phone: await Authenticator.setUp(app, tokens.access_token) };
  };
  const ticket = async (email: string) => (await firstStep(app, email, PASSWORD)).body.mfa_token;
  const show = (mfa_token: string, code: string) =>
    app.http.post<{ code?: string }>('/auth/mfa/totp', { mfa_token, code });

  it('opens no other route, as a bearer token, a cookie or a refresh token', async () => {
    const { user } = await person();
    const token = await ticket(user.email);
    const { paths } = openApiOf(app.app);
    const isOpen = (security?: object[]) => security?.some((way) => Object.keys(way).length === 0) ?? false;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, { security?: object[] }>).map(([method, { security }]) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, user.id),
        isClosed: security?.length !== 0 && !isOpen(security),
      })),
    );
    const closed = routes.filter(({ isClosed }) => isClosed);
    expect(closed.length).toBeGreaterThan(50);
    for (const { method, path } of closed) {
      const { status } = await app.http.send(method, path, { token });
      expect([method, path, [401, 415].includes(status)]).toEqual([method, path, true]);
    }
    const refreshed = await app.http.post('/auth/refresh', { refresh_token: token });
    expect(refreshed.status).toBe(401);
    for (const name of ['countersign', 'countersign-device', 'countersign-mfa'])
      expect((await app.http.get('/auth/me', { headers: { cookie: `${name}=${token}` } })).status).toBe(401);
  });

  it('works once, also with two right codes', async () => {
    const { user, phone } = await person();
    const token = await ticket(user.email);
    expect((await show(token, phone.code())).status).toBe(200);
    app.clock.advance(30);
    expect((await show(token, phone.code())).body.code).toBe('mfa_token_invalid');
  });

  it('is of one user: the code of another one does not do', async () => {
    const [one, other] = [await person(), await person()];
    expect((await show(await ticket(one.user.email), other.phone.code())).body.code).toBe('second_factor_invalid');
  });

  it('is worthless after five minutes, and so is an invented one', async () => {
    const { user, phone } = await person();
    const token = await ticket(user.email);
    app.clock.advance(301);
    for (const one of [token, `cso_${'A'.repeat(43)}`, 'x'])
      expect((await show(one, phone.code())).body.code).toBe('mfa_token_invalid');
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['was disabled', (id) => app.app.get(UsersService).update(id, { status: 'disabled' }, BY_TEST)],
    ['has changed the address', (id) => app.app.get(UsersService).update(id, { email: `x${id}@example.com` }, BY_TEST)],
  ])('opens nothing where the user %s in between', async (_, change) => {
    const { user, phone } = await person();
    const token = await ticket(user.email);
    await change(user.id);
    expect((await show(token, phone.code())).body.code).toBe('invalid_credentials');
  });

  it('opens nothing where the password was changed in between', async () => {
    const { user, token: access, phone } = await person();
    const token = await ticket(user.email);
    const change = { current_password: PASSWORD, new_password: NEXT };
    expect((await app.http.post('/auth/password', change, { token: access })).status).toBe(204);
    expect((await show(token, phone.code())).body.code).toBe('invalid_credentials');
  });

  it('tells nothing to those who do not know the password', async () => {
    const { user } = await person();
    const plain = await app.createUser();
    const answers = [];
    for (const email of [user.email, plain.email, 'nobody@example.com']) {
      const { status, text, headers } = await app.http.post(
        '/auth/login',
        { email, password: 'wrong horse' },
        { headers: { 'x-request-id': 'the-same-one' } },
      );
      answers.push({ status, text, headers: [...headers].filter(([name]) => name !== 'date') });
    }
    expect(answers[0]).toEqual(answers[2]);
    expect(answers[1]).toEqual(answers[2]);
  });
});
