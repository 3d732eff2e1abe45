import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { SAME_ORIGIN } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { DpopKey } from '../support/dpop-key.js';

/** Within the guesses that one account has (10): so many fail first. */
const FAILURES = 9;

describe('a request that contradicts itself does nothing at all', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  const logout = (refresh_token: string, headers: Record<string, string>) =>
    app.http.post('/auth/logout', { refresh_token }, { headers });
  const isAlive = async ({ refresh_token }: TokenResponse) =>
    (await app.http.post('/auth/refresh', { refresh_token })).status === 200;
  const guess = (email: string) => app.http.post('/auth/login', { email, password: 'wrong horse' });
  const sessionsOf = async (userId: string) =>
    (await app.dataSource.query<unknown[]>('SELECT FROM sessions WHERE user_id = $1', [userId])).length;

  it.each(['an expired access token', 'a garbled one', 'one that is bound to a key, without a proof'])(
    'a sign-out by a good refresh token beside %s',
    async (which) => {
      const { user, tokens } = await app.signedInUser();
      const bound = await (await DpopKey.create(app)).login(user.email);
      const beside = { expired: tokens.access_token, garbled: `${tokens.access_token}x`, bound: bound.access_token };
      const token = which.includes('expired')
        ? beside.expired
        : which.includes('garbled')
          ? beside.garbled
          : beside.bound;
      if (which.includes('expired')) app.clock.advance(660);
      expect((await logout(tokens.refresh_token, { authorization: `Bearer ${token}` })).status).toBe(401);
      expect(await isAlive(tokens)).toBe(true);
    },
  );

  it('a sign-in by cookie with a proof of a key', async () => {
    const user = await app.createUser();
    const key = await DpopKey.create(app);
    const body = { email: user.email, password: PASSWORD, transport: 'cookie' };
    const send = () => key.send<{ code: string }>('POST', '/auth/login', { body, headers: SAME_ORIGIN });
    if ((await send()).body.code !== 'use_dpop_nonce') throw new Error('a nonce was expected to be asked for');
    for (let n = 0; n < FAILURES; n++) expect((await guess(user.email)).status).toBe(401);
    const answer = await send();
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.has('ratelimit')).toBe(false);
    expect(await sessionsOf(user.id)).toBe(0);
    // The failures before are not forgotten.
    expect((await guess(user.email)).status).toBe(401);
    expect((await guess(user.email)).status).toBe(429);
  });

  it('a sign-in by the right password with a proof that had been used before', async () => {
    const user = await app.createUser();
    const key = await DpopKey.create(app);
    await key.login(user.email);
    const dpop = await key.proof('POST', '/auth/login');
    const send = () => app.http.post('/auth/login', { email: user.email, password: PASSWORD }, { headers: { dpop } });
    expect((await send()).status).toBe(200);
    const sessions = await sessionsOf(user.id);
    for (let n = 0; n < FAILURES; n++) expect((await guess(user.email)).status).toBe(401);
    const answer = await send();
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_dpop_proof' } });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await sessionsOf(user.id)).toBe(sessions);
    expect((await guess(user.email)).status).toBe(429);
  });
});
