import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkloadIdentityView } from '../../src/clients/workload-identities/workload-identities.view.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { WorkloadIssuer } from '../support/workload-issuer.js';

const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SUBJECT = 'system:serviceaccount:shop:orders';

describe('a workload gets tokens without a secret: its platform vouches for it', () => {
  let app: TestApp;
  let admin: { token: string };
  let cluster: WorkloadIssuer;
  let orders: ServiceAccount;

  const create = (settings: object = {}) =>
    ServiceAccount.create(app, admin.token, {
      grant_types: [BEARER],
      scopes: ['orders:read', 'orders:write'],
      audiences: ['api', 'billing'],
      ...settings,
    });
  const path = (service: ServiceAccount) => `/clients/${service.id}/workload-identities`;
  const trust = (service: ServiceAccount, identity: object) =>
    app.http.post<WorkloadIdentityView & { code?: string; errors?: { field: string }[] }>(
      path(service),
      identity,
      admin,
    );
  const present = (assertion: string, form: Record<string, string> = {}) =>
    sendForm(app, '/oauth/token', { grant_type: BEARER, assertion, ...form });
  const assertionOf = (sub: string, claims: object = {}) => cluster.sign({ sub, ...claims }, app.clock.seconds());

  beforeAll(async () => {
    app = await TestApp.start();
    admin = { token: await app.adminToken() };
    cluster = await WorkloadIssuer.start();
    orders = await create();
    expect(await trust(orders, { issuer: cluster.url, subject: SUBJECT })).toMatchObject({
      status: 201,
      body: { issuer: cluster.url, subject: SUBJECT, audience: null, jwks: null, jwks_uri: cluster.jwksUri },
    });
  });
  afterAll(async () => {
    await app.close();
    await cluster.stop();
  });

  it('as by its own credentials, again and again with the token of the platform', async () => {
    const assertion = await assertionOf(SUBJECT);
    for (const form of [{}, { client_id: orders.id }]) {
      const { status, body } = await present(assertion, form as Record<string, string>);
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'orders:read orders:write' });
      const token = body['access_token']!;
      expect(decodeToken(token).claims).toMatchObject({ sub: orders.id, client_id: orders.id, aud: 'api' });
      expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    }
  });

  it('with less, and for another audience', async () => {
    const { body } = await present(await assertionOf(SUBJECT), { scope: 'orders:read', audience: 'billing' });
    expect(decodeToken(body['access_token']!).claims).toMatchObject({ scope: 'orders:read', aud: 'billing' });
    const more = await present(await assertionOf(SUBJECT), { scope: 'admin' });
    expect(more).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('by keys that are fetched once for many', async () => {
    const assertion = await assertionOf(SUBJECT);
    await present(assertion);
    const { asked } = cluster;
    await Promise.all(Array.from({ length: 10 }, () => present(assertion)));
    expect(cluster.asked).toBe(asked);
  });

  it('for an audience of its own, where an administrator says so', async () => {
    const service = await create();
    await trust(service, { issuer: cluster.url, subject: 'repo:shop/orders:ref:refs/heads/main', audience: 'shop-ci' });
    const sub = 'repo:shop/orders:ref:refs/heads/main';
    expect((await present(await assertionOf(sub, { aud: 'shop-ci' }))).status).toBe(200);
    expect((await present(await assertionOf(sub))).status).toBe(400);
  });

  it('by keys that an administrator has brought, where the cluster is out of reach', async () => {
    const service = await create();
    const issuer = 'https://kubernetes.default.svc.cluster.local';
    const jwks = { keys: [cluster.publicJwk] };
    expect(await trust(service, { issuer, subject: SUBJECT, jwks })).toMatchObject({
      status: 201,
      body: { jwks, jwks_uri: null },
    });
    const { status, body } = await present(await assertionOf(SUBJECT, { iss: issuer }));
    expect(status).toBe(200);
    expect(decodeToken(body['access_token']!).claims['sub']).toBe(service.id);
  });

  it('not any more, once the platform is not trusted: its tokens are refused too', async () => {
    const service = await create();
    const { body } = await trust(service, { issuer: cluster.url, subject: 'short-lived' });
    const assertion = await assertionOf('short-lived');
    const token = (await present(assertion)).body['access_token']!;
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    expect((await app.http.delete(`${path(service)}/${body.id}`, admin)).status).toBe(204);
    expect((await app.http.get('/auth/me', { token })).status).toBe(401);
    expect(await present(assertion)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.http.delete(`${path(service)}/${body.id}`, admin)).status).toBe(404);
    expect((await app.http.get<{ items: unknown[] }>(path(service), admin)).body.items).toEqual([]);
  });

  it('not while the service account is disabled, or has not this grant', async () => {
    const service = await create();
    await trust(service, { issuer: cluster.url, subject: 'disabled' });
    const assertion = await assertionOf('disabled');
    await app.http.patch(`/clients/${service.id}`, { grant_types: ['client_credentials'] }, admin);
    expect(await present(assertion)).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    await app.http.patch(`/clients/${service.id}`, { grant_types: [BEARER], status: 'disabled' }, admin);
    expect(await present(assertion)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('and hears 503 while the keys of the platform cannot be fetched', async () => {
    const other = await WorkloadIssuer.start();
    const service = await create();
    await trust(service, { issuer: other.url, subject: SUBJECT });
    const assertion = await other.sign({ sub: SUBJECT }, app.clock.seconds());
    await other.stop();
    expect(await present(assertion)).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
  });

  it('for one service account alone', async () => {
    const service = await create();
    expect(await trust(service, { issuer: cluster.url, subject: SUBJECT })).toMatchObject({
      status: 409,
      body: { code: 'workload_identity_taken' },
    });
  });

  it.each<[string, (issuer: WorkloadIssuer) => object, string]>([
    ['no subject', (issuer) => ({ issuer: issuer.url, subject: undefined }), 'subject'],
    ['an issuer that says nothing', () => ({ issuer: 'http://127.0.0.1:9' }), 'issuer'],
    ['an issuer that is no URL, without keys', () => ({ issuer: 'kubernetes' }), 'issuer'],
    ['plain http elsewhere', () => ({ issuer: 'x', jwks_uri: 'http://example.com/keys' }), 'jwks_uri'],
    ['a file', () => ({ issuer: 'x', jwks_uri: 'file:///etc/passwd' }), 'jwks_uri'],
    ['keys twice', (issuer) => ({ issuer: 'x', jwks_uri: issuer.jwksUri, jwks: { keys: [] } }), 'jwks_uri'],
    ['no keys', () => ({ issuer: 'x', jwks: { keys: [] } }), 'jwks'],
    ['a secret key', () => ({ issuer: 'x', jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }), 'jwks'],
    ['a property that there is not', (issuer) => ({ issuer: issuer.url, pattern: '*' }), 'pattern'],
  ])('the administrator hears what is wrong: %s', async (_, identity, field) => {
    const { status, body } = await trust(orders, { subject: 'some', ...identity(cluster) });
    expect(status).toBe(400);
    expect(body.errors![0]!.field).toBe(field);
  });

  it('an issuer whose document names another is not believed', async () => {
    cluster.metadata = { issuer: 'https://accounts.example.com', jwks_uri: cluster.jwksUri };
    const answer = await trust(orders, { issuer: cluster.url, subject: 'other' });
    cluster.metadata = null;
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'issuer' }] } });
  });

  it('up to so many vouch for one', async () => {
    const service = await create();
    const add = (n: number) => trust(service, { issuer: cluster.url, subject: `n${n}`, jwks_uri: cluster.jwksUri });
    const statuses = await Promise.all(Array.from({ length: 40 }, async (_, n) => (await add(n)).status));
    expect(statuses.filter((status) => status === 201)).toHaveLength(32);
    expect(statuses.filter((status) => status === 409)).toHaveLength(8);
  });

  it('guessing is limited, and keeps nobody out who is vouched for', async () => {
    const guesses = await Promise.all(Array.from({ length: 80 }, (_, n) => present(`nonsense ${n}`)));
    expect(guesses.at(-1)!.status).toBe(429);
    expect((await present(await assertionOf(SUBJECT))).status).toBe(200);
  });
});
