import { createVerifier, type Verifier } from '../../packages/client/src/index.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccessTokens } from '../../src/tokens/access-tokens.js';
import { clientKey, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { Gate } from '../support/gate.js';
import { ServiceAccount } from '../support/service-account.js';
import { soon } from '../flows/service-process.js';

describe('the API key of a service account whose access is taken away', () => {
  let app: TestApp;
  let admin: { token: string };
  let verifier: Verifier;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = { token: await app.adminToken() };
    const { baseUrl } = app.http;
    verifier = createVerifier({
      issuer: 'http://localhost:3000',
      audience: 'api',
      jwksUri: `${baseUrl}/.well-known/jwks.json`,
      streamUri: `${baseUrl}/revocations/stream`,
      snapshotUri: `${baseUrl}/revocations/snapshot`,
    });
    await verifier.ready();
  });
  afterAll(async () => {
    await verifier.close();
    await app.close();
  });

  const accountWithKey = async () => {
    const account = await ServiceAccount.create(app, admin.token, { scopes: ['a'] });
    const { api_key } = await clientKey(app, admin.token, account.id, { scopes: ['a'] });
    return { id: account.id, api_key };
  };
  const refuses = (token: string) =>
    soon(async () => (await verifier.verify(token).catch((error: { code: string }) => error.code)) === 'token_revoked');

  it('leaves no token of it alive anywhere, where the tokens of the client are revoked', async () => {
    const { id, api_key } = await accountWithKey();
    // The second time it has been revoked before.
    for (let time = 0; time < 2; time++) {
      const token = tokenIn(await verdictOn(app.http, api_key));
      expect(await verifier.verify(token)).toMatchObject({ subject: id });
      expect((await app.http.post('/revocations', { client_id: id }, admin)).status).toBe(200);
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect(await refuses(token)).toBe(true);
      app.clock.advance(2);
    }
  });

  it('gets no token, where it has waited for an earlier loss to pass', async () => {
    const { id, api_key } = await accountWithKey();
    // The clock stands still, so that both losses have the same epoch.
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await app.http.patch(`/clients/${id}`, { scopes: [] }, admin);
      const gate = Gate.before(app.app.get(AccessTokens), 'waitFor');
      const verdict = verdictOn(app.http, api_key);
      await gate.reached(1);
      expect((await app.http.delete(`/clients/${id}`, admin)).status).toBe(204);
      vi.setSystemTime(Date.now() + 5_000);
      gate.open();
      expect((await verdict).status).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });
});
