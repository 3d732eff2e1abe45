import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';
import { Authenticator } from '../support/second-factor.js';

const OTHER = 'seven green bicycles';
const DUE = { status: 401, body: { code: 'mfa_required' } };

describe('getting past a second factor', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const headers = { 'sec-fetch-site': 'same-origin' };
  const login = (email: string, password: string, more: object = {}) =>
    app.http.post<{ code?: string }>('/auth/login', { email, password, ...more }, { headers });
  const person = async () => {
    const { user, tokens } = await app.signedInUser();
    return { user, token: tokens.access_token, phone: await Authenticator.setUp(app, tokens.access_token) };
  };

  it('does not work by a temporary password, nor by the one that replaces it', async () => {
    const { user } = await person();
    const temporary = { body: { password: OTHER }, token: await app.adminToken() };
    expect((await app.http.send('PUT', `/users/${user.id}/password`, temporary)).status).toBe(204);
    expect(await login(user.email, OTHER, { new_password: 'staple battery horse' })).toMatchObject(DUE);
    expect(await login(user.email, 'staple battery horse')).toMatchObject(DUE);
  });

  it('does not work by a change of the password', async () => {
    const { user, token } = await person();
    const change = { current_password: PASSWORD, new_password: OTHER };
    expect((await app.http.post('/auth/password', change, { token })).status).toBe(204);
    expect(await login(user.email, OTHER)).toMatchObject(DUE);
  });

  it('does not work by cookie mode', async () => {
    const { user } = await person();
    const answer = await login(user.email, PASSWORD, { transport: 'cookie' });
    expect(answer).toMatchObject(DUE);
    expect(answer.headers.getSetCookie().some((cookie) => cookie.startsWith('countersign='))).toBe(false);
  });

  it('does not work by a sign-in that began before the factor was set up', async () => {
    const { user, tokens } = await app.signedInUser();
    // The password was found right, and the session is not open yet.
    const gate = Gate.before(app.app.get(SessionsService), 'open');
    const begun = login(user.email, PASSWORD);
    await gate.reached(1);
    await Authenticator.setUp(app, tokens.access_token);
    gate.open();
    expect(await begun).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  });

  it('does not work by removing the factor of somebody else', async () => {
    const [owner, other] = [await person(), await person()];
    expect((await app.http.delete(`/mfa/${owner.phone.id}`, { token: other.token })).status).toBe(404);
    expect(await login(owner.user.email, PASSWORD)).toMatchObject(DUE);
  });
});
