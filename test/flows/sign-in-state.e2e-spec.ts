import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LimitView } from '../../src/administration/limits.view.js';
import type { SignInStateView } from '../../src/administration/sign-in-state.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';

const CLIENT = '203.0.113.7';
const FROM_CLIENT = { headers: { 'x-forwarded-for': CLIENT } };

describe('what keeps a user from signing in', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1/32' });
    token = (await app.signedInUser({ roles: ['support'] })).tokens.access_token;
  });
  afterAll(() => app.close());

  const stateOf = async (id: string) =>
    (await app.http.get<SignInStateView>(`/users/${id}/sign-in-state`, { token })).body;
  const limitsOf = async (query: string) =>
    (await app.http.get<{ items: LimitView[] }>(`/limits?${query}`, { token })).body.items;
  const ofNetwork = async () =>
    (await limitsOf(`client_address=${CLIENT}`)).find(({ name }) => name === 'login-network');
  const clear = (query: string, by = token) => app.http.delete(`/limits?${query}`, { token: by });
  const login = async (email: string, password: string) =>
    (await app.http.post('/auth/login', { email, password }, FROM_CLIENT)).status;

  it('is nothing, with the sessions that the user has', async () => {
    const { user } = await app.signedInUser();
    expect(await stateOf(user.id)).toMatchObject({ status: 'active', password: 'set', sessions: 1, obstacles: [] });
  });

  it('is the account, the password, or both', async () => {
    const disabled = await app.createUser({ status: 'disabled' });
    expect(await stateOf(disabled.id)).toMatchObject({ status: 'disabled', obstacles: ['disabled'] });
    const without = await app.createUser({ password: undefined });
    expect(await stateOf(without.id)).toMatchObject({ password: 'none', obstacles: ['no_password'] });
    const temporary = await app.createUser({ mustChange: true, status: 'disabled' });
    expect(await stateOf(temporary.id)).toMatchObject({
      password: 'temporary',
      obstacles: ['disabled', 'temporary_password'],
    });
  });

  it('is too many wrong passwords, until support clears them; then the count begins anew', async () => {
    const user = await app.createUser();
    const limit = async () => (await stateOf(user.id)).limits.find(({ name }) => name === 'login-account');
    for (let guess = 0; guess < 9; guess++) expect(await login(user.email, 'wrong')).toBe(401);
    expect(await limit()).toMatchObject({ attempts: 9, allowed: 10, retry_after: null });
    expect((await stateOf(user.id)).obstacles).toEqual([]);
    expect(await login(user.email, 'wrong')).toBe(401);
    // The next attempt begins the wait.
    expect(await limit()).toMatchObject({ attempts: 10, retry_after: 30 });
    expect(await login(user.email, PASSWORD)).toBe(429);
    expect((await stateOf(user.id)).obstacles).toEqual(['rate_limited']);
    expect((await clear(`user_id=${user.id}`)).status).toBe(204);
    expect(await limit()).toMatchObject({ attempts: 0, retry_after: null });
    for (let guess = 0; guess < 9; guess++) expect(await login(user.email, 'wrong')).toBe(401);
    expect(await login(user.email, PASSWORD)).toBe(200);
  });

  it('is a network with too many failures, until support clears it', async () => {
    const before = await ofNetwork();
    for (let guess = before!.attempts; guess < 50; guess++) await login(`nobody${guess}@example.com`, 'wrong');
    const user = await app.createUser();
    expect(await login(user.email, PASSWORD)).toBe(429);
    const full = await ofNetwork();
    expect(full).toMatchObject({ attempts: 50, allowed: 50 });
    expect(full!.retry_after).toBeGreaterThan(0);
    expect((await clear(`client_address=${CLIENT}`)).status).toBe(204);
    expect(await login(user.email, PASSWORD)).toBe(200);
  });

  it('is asked about one thing at a time', async () => {
    const { id } = await app.createUser();
    for (const query of ['', `user_id=${id}&client_address=${CLIENT}`, 'user_id=1', 'client_address=example.com']) {
      expect(await app.http.get(`/limits?${query}`, { token })).toMatchObject({ status: 400 });
      expect(await clear(query)).toMatchObject({ status: 400 });
    }
    expect((await clear('user_id=0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a')).status).toBe(404);
  });

  it('is nothing that support clears for somebody with rights here', async () => {
    const { user } = await app.signedInUser({ roles: ['user', 'verifier'] });
    expect(await clear(`user_id=${user.id}`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await clear(`user_id=${user.id}`, await app.adminToken())).status).toBe(204);
  });

  it('is in the audit log, once it has been cleared', async () => {
    const admin = await app.adminToken();
    const { body } = await app.http.get<{ items: object[] }>('/audit?event=limits.cleared', { token: admin });
    expect(body.items).toContainEqual(
      expect.objectContaining({ event: 'limits.cleared', details: { network: CLIENT } }),
    );
  });
});
