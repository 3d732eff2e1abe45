import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

describe('a person signs in and stays signed in', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  it('registers, signs in, calls, refreshes and signs out', async () => {
    const email = 'Alice@Example.com';
    const registered = await app.http.post<{ email: string }>('/auth/register', { email, password: PASSWORD });
    expect(registered.status).toBe(201);
    expect(registered.body.email).toBe(email);

    const tokens = await app.login('alice@example.com');
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, refresh_expires_in: 30 * 86_400 });
    const me = await app.http.get<{ email: string }>('/auth/me', { token: tokens.access_token });
    expect(me).toMatchObject({ status: 200, body: { email, roles: ['user'] } });

    const refreshed = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: tokens.refresh_token });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body.refresh_token).not.toBe(tokens.refresh_token);
    expect((await app.http.get('/auth/me', { token: refreshed.body.access_token })).status).toBe(200);

    const logout = await app.http.post('/auth/logout', undefined, { token: refreshed.body.access_token });
    expect(logout.status).toBe(204);
    for (const token of [tokens.access_token, refreshed.body.access_token]) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    }
    const late = await app.http.post('/auth/refresh', { refresh_token: refreshed.body.refresh_token });
    expect(late).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  });
});
