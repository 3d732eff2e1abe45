import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';

describe('a person signs out', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const logout = (body?: unknown, token?: string) => app.http.post('/auth/logout', body, { token });
  const isSignedOut = async ({ access_token: token, refresh_token }: TokenResponse) => {
    expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    const refresh = await app.http.post('/auth/refresh', { refresh_token });
    expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  };

  it('by the access token', async () => {
    const { tokens } = await app.signedInUser();
    const answer = await logout(undefined, tokens.access_token);
    expect(answer).toMatchObject({ status: 204, text: '' });
    await isSignedOut(tokens);
  });

  it('by the refresh token alone', async () => {
    const { tokens } = await app.signedInUser();
    expect((await logout({ refresh_token: tokens.refresh_token })).status).toBe(204);
    await isSignedOut(tokens);
  });

  it('by a refresh token of any generation', async () => {
    const { tokens: first } = await app.signedInUser();
    let latest = first;
    for (let n = 0; n < 3; n++) {
      const { body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token: latest.refresh_token });
      latest = body;
    }
    expect((await logout({ refresh_token: first.refresh_token })).status).toBe(204);
    await isSignedOut(latest);
    await isSignedOut(first);
  });

  it('twice, by either token: 204 again', async () => {
    const { tokens } = await app.signedInUser();
    for (let n = 0; n < 2; n++) expect((await logout(undefined, tokens.access_token)).status).toBe(204);
    for (let n = 0; n < 2; n++) expect((await logout({ refresh_token: tokens.refresh_token })).status).toBe(204);
  });

  it('from this device alone', async () => {
    const { user, tokens } = await app.signedInUser();
    const other = await app.login(user.email);
    await logout(undefined, tokens.access_token);
    expect((await app.http.get('/auth/me', { token: other.access_token })).status).toBe(200);
    expect((await app.http.post('/auth/refresh', { refresh_token: other.refresh_token })).status).toBe(200);
  });

  it('from both sessions, where the two tokens are of different ones', async () => {
    const { user, tokens } = await app.signedInUser();
    const other = await app.login(user.email);
    expect((await logout({ refresh_token: other.refresh_token }, tokens.access_token)).status).toBe(204);
    await isSignedOut(tokens);
    await isSignedOut(other);
  });

  it.each(['garbage', `csr_${'A'.repeat(70)}`, 'csr_', 'eyJhbGciOiJub25lIn0.e30.'])(
    'with the refresh token %s ends nothing, and is no error (RFC 7009 2.2)',
    async (refresh_token) => {
      expect((await logout({ refresh_token })).status).toBe(204);
    },
  );

  it("a forged refresh token ends nobody's session", async () => {
    const { tokens } = await app.signedInUser();
    const { refresh_token: genuine } = tokens;
    const middle = genuine.slice(30, 31) === 'A' ? 'B' : 'A';
    expect((await logout({ refresh_token: genuine.slice(0, 30) + middle + genuine.slice(31) })).status).toBe(204);
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
  });

  it.each([
    ['without any token', undefined, undefined, 401, 'token_missing'],
    ['with an empty body', {}, undefined, 401, 'token_missing'],
    ['with a garbled access token', undefined, 'garbage', 401, 'token_invalid'],
    ['with a number for a token', { refresh_token: 7 }, undefined, 400, 'invalid_request'],
    ['with null for a token', { refresh_token: null }, undefined, 400, 'invalid_request'],
  ])('%s is refused', async (_, body, token, status, code) => {
    expect(await logout(body, token)).toMatchObject({ status, body: { code } });
  });
});
