import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiOf } from '../../src/app.setup.js';
import { UsersService } from '../../src/users/users.service.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';
import { ServiceAccount } from '../support/service-account.js';

const NOBODY = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const REASON = { reason: 'curiosity' };

describe('somebody tries to gain more by acting for others than is meant', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const ask = (id: string, token: string) =>
    app.http.post<{ access_token: string }>(`/users/${id}/impersonate`, REASON, { token });
  const signedIn = async (...roles: string[]) => {
    const { user, tokens } = await app.signedInUser({ roles });
    return { user, token: tokens.access_token };
  };

  it('without the role: users, supporters, auditors, administrators, services', async () => {
    const { id } = await app.createUser();
    for (const roles of [['user'], ['support'], ['auditor'], ['verifier'], ['admin']]) {
      const { token } = await signedIn(...roles);
      expect(await ask(id, token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    const service = await ServiceAccount.create(app, await app.adminToken(), { scopes: ['users:write', 'users:read'] });
    expect((await ask(id, await service.token())).status).toBe(403);
  });

  it('for a user whom this service gives power to, or who gains it meanwhile', async () => {
    const { user, token } = await signedIn('impersonator');
    for (const role of ['admin', 'support', 'auditor', 'impersonator', 'verifier']) {
      const target = await app.createUser({ roles: ['user', role] });
      expect(await ask(target.id, token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      const promoted = await app.createUser();
      await app.app.get(UsersService).update(promoted.id, { roles: ['user', role] }, BY_TEST);
      expect((await ask(promoted.id, token)).status).toBe(403);
    }
    expect((await ask(user.id, token)).status).toBe(403);
  });

  it('for a user who is disabled', async () => {
    const { token } = await signedIn('impersonator');
    const { id } = await app.createUser({ status: 'disabled' });
    expect(await ask(id, token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('through one impersonation to the next', async () => {
    const { token } = await signedIn('impersonator');
    const [first, second] = [await app.createUser(), await app.createUser()];
    const { body } = await ask(first.id, token);
    expect((await ask(second.id, body.access_token)).status).toBe(403);
  });

  /** A stream never ends, so no body is waited for. */
  const statusOf = async (method: string, path: string, token: string | null): Promise<number> => {
    const answer = await fetch(app.http.baseUrl + path.replaceAll(/\{\w+\}/g, NOBODY), {
      method,
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: '{}' }),
    });
    await answer.body?.cancel();
    return answer.status;
  };

  it('with the token of a user at every other route: it opens none that is for the user in person', async () => {
    const { token } = await signedIn('impersonator');
    const { id } = await app.createUser();
    const opened: string[] = [];
    for (const [path, operations] of Object.entries(openApiOf(app.app).paths)) {
      for (const method of Object.keys(operations).map((name) => name.toUpperCase())) {
        if ((await statusOf(method, path, null)) !== 401) continue;
        // One token for each: some routes end what they are asked with.
        const { body } = await ask(id, token);
        const status = await statusOf(method, path, body.access_token);
        if (status !== 403 && status !== 401) opened.push(`${method} ${path}`);
      }
    }
    expect(opened.sort()).toEqual(['GET /auth/me', 'GET /gateway/verify', 'GET /gateway/verify/{path}']);
    expect(await statusOf('GET', '/auth/me', token)).toBe(200);
  });
});
