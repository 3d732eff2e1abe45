import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { APPLICATION } from '../support/client-sessions.js';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

describe('the first-party client stays signed in by OAuth', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  const refresh = (form: Record<string, string>, headers?: Record<string, string>) =>
    sendForm<TokenResponse & { error?: string }>(
      app,
      '/oauth/token',
      { grant_type: 'refresh_token', ...form },
      headers,
    );

  it.each<Record<string, string>>([{}, { client_id: 'web' }])('naming itself or not: %j', async (form) => {
    const { tokens } = await app.signedInUser();
    const first = await refresh({ refresh_token: tokens.refresh_token, ...form });
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect((await app.http.get('/auth/me', { token: first.body.access_token })).status).toBe(200);
    // The two endpoints continue each other.
    const second = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: first.body.refresh_token });
    expect(second.status).toBe(200);
    expect((await refresh({ refresh_token: second.body.refresh_token })).status).toBe(200);
  });

  it('the same token at the same time brings one successor', async () => {
    const { tokens } = await app.signedInUser();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => refresh({ refresh_token: tokens.refresh_token })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  });

  it('a token that was used before ends the session', async () => {
    const { tokens } = await app.signedInUser();
    const first = await refresh({ refresh_token: tokens.refresh_token });
    const second = await refresh({ refresh_token: first.body.refresh_token });
    const reused = await refresh({ refresh_token: tokens.refresh_token });
    expect(reused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const { refresh_token } = second.body;
    expect(await refresh({ refresh_token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.http.get('/auth/me', { token: second.body.access_token })).status).toBe(401);
  });

  it('what is no refresh token is no grant', async () => {
    const { tokens } = await app.signedInUser();
    for (const token of [tokens.access_token.slice(0, 200), 'nonsense', `csr_${'A'.repeat(70)}`]) {
      expect(await refresh({ refresh_token: token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect(await refresh({})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('no other client refreshes, nor one that claims a secret', async () => {
    const { tokens } = await app.signedInUser();
    const { refresh_token } = tokens;
    const admin = await app.adminToken();
    const orders = await ServiceAccount.create(app, admin, APPLICATION);
    for (const [form, headers] of [
      [{ refresh_token }, { authorization: orders.basic }],
      [{ refresh_token, client_id: orders.id, client_secret: orders.secret }, {}],
    ] as [Record<string, string>, Record<string, string>][]) {
      expect(await refresh(form, headers)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    for (const form of [
      { refresh_token, client_id: 'web', client_secret: 'x' },
      { refresh_token, client_id: 'mobile' },
    ] as Record<string, string>[]) {
      expect(await refresh(form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
    expect((await refresh({ refresh_token })).status).toBe(200);
  });

  it('guessing is limited, together with the other endpoint', async () => {
    const other = await TestApp.start();
    try {
      const { tokens } = await other.signedInUser();
      const send = (refresh_token: string) =>
        sendForm(other, '/oauth/token', { grant_type: 'refresh_token', refresh_token });
      const statuses = await Promise.all(Array.from({ length: 301 }, (_, i) => send(`csr_${i}`)));
      expect(statuses.filter(({ status }) => status === 429)).toHaveLength(1);
      const refused = await send(tokens.refresh_token);
      expect(refused).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const { status } = await other.http.post('/auth/refresh', { refresh_token: tokens.refresh_token });
      expect(status).toBe(429);
    } finally {
      await other.close();
    }
  });
});
