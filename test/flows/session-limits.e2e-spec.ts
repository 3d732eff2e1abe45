import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';

const DAY = 86_400;

describe('a session ends by itself', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const refresh = (refresh_token: string) => app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
  const isOver = async (refreshToken: string) =>
    expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });

  it('after 30 days without a refresh, and not a moment before', async () => {
    const { tokens: used } = await app.signedInUser();
    const { tokens: forgotten } = await app.signedInUser();
    app.clock.advance(30 * DAY - 60);
    const { status, body } = await refresh(used.refresh_token);
    expect(status).toBe(200);
    app.clock.advance(61);
    await isOver(forgotten.refresh_token);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  it('after 180 days however often it is refreshed; no token outlives it', async () => {
    let { tokens } = await app.signedInUser();
    expect(tokens.refresh_expires_in).toBe(30 * DAY);
    for (const seconds of [...Array<number>(5).fill(30 * DAY - 60), 30 * DAY - 100]) {
      app.clock.advance(seconds);
      const { status, body } = await refresh(tokens.refresh_token);
      expect(status).toBe(200);
      tokens = body;
    }
    // 5 times 60 and once 100 seconds are left of the 180 days, less what the test itself took.
    expect(tokens.refresh_expires_in).toBeGreaterThan(380);
    expect(tokens.refresh_expires_in).toBeLessThanOrEqual(400);
    expect(tokens.expires_in).toBe(tokens.refresh_expires_in);
    app.clock.advance(tokens.expires_in);
    expect(await app.http.get('/auth/me', { token: tokens.access_token })).toMatchObject({
      status: 401,
      body: { code: 'token_invalid' },
    });
    await isOver(tokens.refresh_token);
  });

  it('and is then neither shown nor counted, and is swept up', async () => {
    const { user } = await app.signedInUser();
    app.clock.advance(30 * DAY + 1);
    const { access_token: token } = await app.login(user.email);
    const { body } = await app.http.get<{ items: unknown[] }>('/sessions', { token });
    expect(body.items).toHaveLength(1);
    await app.app.get(SessionsService).purge();
    const rows = await app.dataSource.query('SELECT count(*)::int AS n FROM sessions WHERE user_id = $1', [user.id]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('an access token lives for ten minutes', async () => {
    const { tokens } = await app.signedInUser();
    app.clock.advance(598);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    app.clock.advance(2);
    expect(await app.http.get('/auth/me', { token: tokens.access_token })).toMatchObject({
      status: 401,
      body: { code: 'token_invalid' },
    });
  });
});

describe('a session with limits of its own', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ SESSION_IDLE_LIMIT: '60m', SESSION_ABSOLUTE_LIMIT: '90m', ACCESS_TOKEN_TTL: '45m' });
  });
  afterAll(() => app.close());

  it('is idle and over as the settings say', async () => {
    const { tokens } = await app.signedInUser();
    expect(tokens).toMatchObject({ expires_in: 45 * 60, refresh_expires_in: 60 * 60 });
    const { tokens: forgotten } = await app.signedInUser();
    app.clock.advance(59 * 60);
    const refreshed = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body.refresh_expires_in).toBeLessThanOrEqual(31 * 60);
    expect(refreshed.body.expires_in).toBeLessThanOrEqual(31 * 60);
    app.clock.advance(61);
    expect((await app.http.post('/auth/refresh', { refresh_token: forgotten.refresh_token })).status).toBe(401);
    app.clock.advance(31 * 60);
    const late = await app.http.post('/auth/refresh', { refresh_token: refreshed.body.refresh_token });
    expect(late.status).toBe(401);
  });
});
