import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

const OWN = 'seven green bicycles in the rain';

describe.each([
  ['tokens state roles', {}],
  ['tokens state none', { ACCESS_TOKEN_ROLES: 'false' }],
])('a supporter reaches for more than users without power, where %s', (_, settings) => {
  let app: TestApp;
  let supporter: { id: string; token: string };
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', ...settings });
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'support'] });
    supporter = { id: user.id, token: tokens.access_token };
  });
  afterAll(() => app.close());

  const setPassword = (id: string) =>
    app.http.send('PUT', `/users/${id}/password`, { body: { password: OWN }, token: supporter.token });
  const signOut = (id: string) =>
    app.http.delete<{ ended: number }>(`/users/${id}/sessions`, { token: supporter.token });

  it('resets the password of a user and signs them out, and is no user whose own password would be reset', async () => {
    const { user } = await app.signedInUser();
    expect((await setPassword(user.id)).status).toBe(204);
    const other = await app.signedInUser();
    expect(await signOut(other.user.id)).toMatchObject({ status: 200, body: { ended: 1 } });
    expect((await setPassword(supporter.id)).status).toBe(403);
  });

  it.each(['admin', 'support', 'auditor', 'impersonator', 'verifier'])('somebody with the role %s', async (role) => {
    const { user } = await app.signedInUser({ roles: ['user', role] });
    expect(await setPassword(user.id)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await signOut(user.id)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await app.login(user.email, PASSWORD);
  });

  it('gives somebody a role, another address or status, creates or deletes a user', async () => {
    const { id } = await app.createUser();
    const { token } = supporter;
    for (const body of [{ roles: ['admin'] }, { email: 'mine@example.com' }, { status: 'disabled' }, {}]) {
      expect((await app.http.patch(`/users/${id}`, body, { token })).status).toBe(403);
    }
    expect((await app.http.patch(`/users/${supporter.id}`, { roles: ['admin'] }, { token })).status).toBe(403);
    expect((await app.http.post('/users', { email: 'new@example.com', roles: ['admin'] }, { token })).status).toBe(403);
    expect((await app.http.delete(`/users/${id}`, { token })).status).toBe(403);
  });
});
