import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';

const CHALLENGE = /^Bearer error="insufficient_user_authentication", max_age="600"/;

describe('a stolen access token makes nothing permanent', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ PERSONAL_TOKEN_SCOPES: 'orders:read' })));
  afterAll(() => app.close());

  const ATTEMPTS = ['mint a personal access token', 'delete the account'] as const;
  type Attempt = (typeof ATTEMPTS)[number];
  const attempt = (what: Attempt, token: string, body: object = {}) =>
    what === 'delete the account'
      ? app.http.delete<{ code: string }>('/users/me', { token, body })
      : app.http.post<{ code: string }>('/api-keys', { name: 'mine', ...body }, { token });
  const refresh = async ({ refresh_token }: TokenResponse) =>
    (await app.http.post<TokenResponse>('/auth/refresh', { refresh_token })).body;
  /** A person who has signed in eleven minutes ago, with an access token that is a moment old. */
  const signedInLongAgo = async () => {
    const { user, tokens } = await app.signedInUser();
    app.clock.advance(660);
    return { user, token: (await refresh(tokens)).access_token };
  };

  it.each(ATTEMPTS)('%s: not with a session of eleven minutes, however new its token', async (what) => {
    const { token } = await signedInLongAgo();
    const refused = await attempt(what, token);
    expect(refused).toMatchObject({ status: 401, body: { code: 'insufficient_user_authentication' } });
    expect(refused.headers.get('www-authenticate')).toMatch(CHALLENGE);
    for (const password of [7, null, [PASSWORD], { password: PASSWORD }]) {
      expect((await attempt(what, token, { current_password: password })).status).toBe(401);
    }
    expect((await app.http.get('/users/me', { token })).status).toBe(200);
    expect((await app.http.get<{ items: [] }>('/api-keys', { token })).body.items).toEqual([]);
  });

  it.each(ATTEMPTS)('%s: its owner can, by the password or by a new sign-in', async (what) => {
    const { user } = await signedInLongAgo();
    const renewed = await app.login(user.email);
    app.clock.advance(590);
    if (what !== 'delete the account') expect((await attempt(what, renewed.access_token)).status).toBe(201);
    const confirmed = await attempt(what, (await refresh(renewed)).access_token, { current_password: PASSWORD });
    expect(confirmed.status).toBe(what === 'delete the account' ? 204 : 201);
  });

  it.each(ATTEMPTS)('%s: a wrong password is refused, and counted like every guess', async (what) => {
    const { tokens } = await app.signedInUser();
    const guess = () => attempt(what, tokens.access_token, { current_password: 'wrong horse' });
    for (let n = 0; n < 5; n++) expect(await guess()).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
    expect((await guess()).status).toBe(429);
    // The limit is that of POST /auth/password: one account, one number of guesses.
    const change = { current_password: 'wrong horse', new_password: 'another good pass phrase' };
    expect((await app.http.post('/auth/password', change, { token: tokens.access_token })).status).toBe(429);
  });

  it('not with a cookie of eleven minutes either', async () => {
    const user = await app.createUser();
    const browser = new Browser(app.http);
    await browser.signIn(user.email, PASSWORD);
    app.clock.advance(660);
    expect(await browser.post('/auth/refresh')).toMatchObject({ status: 200 });
    const mint = (body: object) => browser.post('/api-keys', { name: 'mine', ...body });
    expect(await mint({})).toMatchObject({ status: 401, body: { code: 'insufficient_user_authentication' } });
    expect((await browser.send('DELETE', '/users/me')).status).toBe(401);
    expect((await mint({ current_password: PASSWORD })).status).toBe(201);
    expect((await browser.send('DELETE', '/users/me', { body: { current_password: PASSWORD } })).status).toBe(204);
  });

  it('not where there is no password, but for a recent sign-in', async () => {
    const user = await app.createUser({ password: undefined });
    const signIn = () => signInAs(app, user);
    const tokens = await signIn();
    app.clock.advance(660);
    const { access_token: token } = await refresh(tokens);
    expect((await attempt('delete the account', token)).status).toBe(401);
    expect((await attempt('delete the account', token, { current_password: PASSWORD })).status).toBe(403);
    expect((await attempt('delete the account', (await signIn()).access_token)).status).toBe(204);
  });

  it.each(ATTEMPTS)('%s: not at all with what a personal access token was exchanged for', async (what) => {
    const { tokens } = await app.signedInUser();
    const { api_key } = await personalToken(app, tokens.access_token);
    const token = tokenIn(await verdictOn(app.http, api_key));
    for (const body of [{}, { current_password: PASSWORD }]) {
      expect(await attempt(what, token, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });
});
