import { setTimeout as sleep } from 'node:timers/promises';
import { createVerifier, type Verifier } from '../../packages/client/src/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientKey, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { ServiceAccount } from '../support/service-account.js';
import { soon } from '../flows/service-process.js';

describe('the API key of a service account whose access is taken away', () => {
  let app: TestApp;
  let admin: { token: string };
  let verifier: Verifier;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = { token: (await app.signedInAdmin()).tokens.access_token };
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
      await sleep(1_100);
    }
  });

  it('gets no token, where it has waited for an earlier loss to pass', async () => {
    // All of it within one second, so that both losses have the same epoch.
    for (let attempt = 0; attempt < 5; attempt++) {
      const { id, api_key } = await accountWithKey();
      await sleep(1_000 - (app.clock.now() % 1_000));
      const second = app.clock.seconds();
      await app.http.patch(`/clients/${id}`, { scopes: [] }, admin);
      const verdict = verdictOn(app.http, api_key);
      const hasBegun = async () =>
        (await app.dataSource.query<unknown[]>('SELECT FROM api_keys WHERE client_id = $1 AND issued_at > now()', [id]))
          .length === 1;
      while (!(await hasBegun())) await sleep(5);
      expect((await app.http.delete(`/clients/${id}`, admin)).status).toBe(204);
      const isOneSecond = app.clock.seconds() === second;
      expect((await verdict).status).toBe(401);
      if (isOneSecond) return;
    }
    throw new Error('The losses never fell into one second');
  });
});
