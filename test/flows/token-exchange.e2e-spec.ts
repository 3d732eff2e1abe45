import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { ServiceAccount } from '../support/service-account.js';
import { ACCESS_TOKEN, exchange, EXCHANGE, exchanged } from '../support/token-exchange.js';

describe('a service acts for whoever has called it (RFC 8693)', () => {
  let app: TestApp;
  let admin: string;
  let user: User;
  let tokens: TokenResponse;
  let orders: ServiceAccount;
  let billing: ServiceAccount;

  beforeAll(async () => {
    app = await TestApp.start({ TOKEN_STATUS: 'true' });
    admin = await app.adminToken();
    ({ user, tokens } = await app.signedInUser());
    orders = await ServiceAccount.create(app, admin, {
      name: 'Orders',
      grant_types: ['client_credentials', EXCHANGE],
      scopes: ['invoices:read', 'invoices:write'],
      audiences: ['billing', 'api'],
      served_audiences: ['api'],
    });
    billing = await ServiceAccount.create(app, admin, {
      name: 'Billing',
      grant_types: [EXCHANGE],
      scopes: ['invoices:read', 'ledger:read'],
      audiences: ['ledger'],
      served_audiences: ['billing'],
    });
  });
  afterAll(() => app.close());

  const claimsOf = async (token: string, audience: string) => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', app.http.baseUrl));
    return (await jwtVerify(token, keys, { issuer: 'http://localhost:3000', audience, typ: 'at+jwt' })).payload;
  };

  it('with a token that any service verifies, and that says who is who', async () => {
    const { status, body, headers } = await exchange(orders, tokens.access_token);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String) as string,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: expect.any(Number) as number,
      scope: 'invoices:read invoices:write',
    });
    const parent = decodeToken(tokens.access_token).claims;
    const claims = await claimsOf(body['access_token']!, 'billing');
    expect(claims).toMatchObject({
      sub: user.id,
      sid: parent['sid'],
      email: user.email,
      roles: ['user'],
      client_id: orders.id,
      act: { sub: orders.id },
      scope: 'invoices:read invoices:write',
      iat: parent['iat'],
      exp: parent['exp'],
      status: parent['status'],
    });
    expect(claims.jti).not.toBe(parent['jti']);
    expect(claims['status']).toBeDefined();
  });

  it('whatever it calls the type of an access token', async () => {
    const types = { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', requested_token_type: ACCESS_TOKEN };
    expect((await exchange(orders, tokens.access_token, types)).status).toBe(200);
  });

  it('asking for less, and for another audience', async () => {
    const form = { audience: 'api', scope: 'invoices:read' };
    const { body } = await exchange(orders, tokens.access_token, form);
    expect(body).toMatchObject({ scope: 'invoices:read' });
    const token = body['access_token']!;
    expect(await claimsOf(token, 'api')).toMatchObject({ aud: 'api', scope: 'invoices:read' });
    // It is not the user: the routes of people stay closed, and a gateway passes it on with both their names.
    expect((await app.http.get('/auth/me', { token })).body).toMatchObject({ sub: user.id, client_id: orders.id });
    expect((await app.http.get('/users/me', { token })).status).toBe(403);
    const verdict = await app.http.get('/gateway/verify?scope=invoices:read&role=user', { token });
    expect(verdict.status).toBe(200);
    expect(verdict.headers.get('x-auth-subject')).toBe(user.id);
    expect(verdict.headers.get('x-auth-client')).toBe(orders.id);
  });

  it('and the next service for both of them, with the scopes that all have', async () => {
    const first = await exchanged(orders, tokens.access_token);
    const { body } = await exchange(billing, first);
    expect(body).toMatchObject({ scope: 'invoices:read' });
    expect(await claimsOf(body['access_token']!, 'ledger')).toMatchObject({
      sub: user.id,
      client_id: billing.id,
      act: { sub: billing.id, act: { sub: orders.id } },
      scope: 'invoices:read',
    });
  });

  it('for a service as well', async () => {
    const token = await orders.token({ audience: 'billing', scope: 'invoices:read' });
    const claims = await claimsOf(await exchanged(billing, token), 'ledger');
    expect(claims).toMatchObject({ sub: orders.id, act: { sub: billing.id }, scope: 'invoices:read' });
    expect(claims).not.toHaveProperty('sid');
  });

  it('no longer than the user’s token, nor than its own', async () => {
    const { tokens: other } = await app.signedInUser();
    const brief = await ServiceAccount.create(app, admin, {
      grant_types: [EXCHANGE],
      served_audiences: ['api'],
      token_ttl: 60,
    });
    app.clock.advance(400);
    const { body } = await exchange<{ access_token: string; expires_in: number }>(orders, other.access_token);
    const parent = decodeToken(other.access_token).claims;
    expect(decodeToken(body.access_token).claims['exp']).toBe(parent['exp']);
    expect(body.expires_in).toBeLessThanOrEqual(200);
    expect(body.expires_in).toBeGreaterThan(195);
    expect((await exchange<{ expires_in: number }>(brief, other.access_token)).body.expires_in).toBe(60);
    // Of a service whose tokens are short-lived: those that others get for it are no longer.
    const caller = await ServiceAccount.create(app, admin, { token_ttl: 60, audiences: ['api'] });
    const short = await exchange<{ expires_in: number }>(orders, await caller.token());
    expect(short.body.expires_in).toBeLessThanOrEqual(60);
    app.clock.advance(201);
    expect((await exchange(orders, other.access_token)).status).toBe(400);
    app.clock.advance(-601);
  });

  it('until the user signs out, or an administrator reduces what they may do', async () => {
    const { user: other, tokens: theirs } = await app.signedInUser({ roles: ['user', 'editor'] });
    const isGood = async (token: string) =>
      (await app.http.get('/gateway/verify?aud=ledger', { token })).status === 200;
    const chain = async (token: string) => exchanged(billing, await exchanged(orders, token));

    const before = await chain(theirs.access_token);
    expect(await isGood(before)).toBe(true);
    await app.http.patch(`/users/${other.id}`, { roles: ['user'] }, { token: admin });
    expect(await isGood(before)).toBe(false);

    const { refresh_token } = theirs;
    const refreshed = (await app.http.post<TokenResponse>('/auth/refresh', { refresh_token })).body;
    const after = await chain(refreshed.access_token);
    expect(await isGood(after)).toBe(true);
    await app.http.post('/auth/logout', undefined, { token: refreshed.access_token });
    expect(await isGood(after)).toBe(false);
  });

  it('until a service that it came through is disabled', async () => {
    const between = await ServiceAccount.create(app, admin, {
      grant_types: ['client_credentials', EXCHANGE],
      audiences: ['billing'],
      served_audiences: ['api'],
    });
    const isGood = async (token: string) =>
      (await app.http.get('/gateway/verify?aud=ledger', { token })).status === 200;
    const forUser = await exchanged(billing, await exchanged(between, tokens.access_token));
    const forService = await exchanged(billing, await between.token());
    expect([await isGood(forUser), await isGood(forService)]).toEqual([true, true]);
    await app.http.patch(`/clients/${between.id}`, { status: 'disabled' }, { token: admin });
    expect([await isGood(forUser), await isGood(forService)]).toEqual([false, false]);
  });

  it('and other services are told who acts', async () => {
    const api = await ServiceAccount.create(app, admin, { served_audiences: ['ledger'] });
    const token = await exchanged(billing, await exchanged(orders, tokens.access_token));
    const { body } = await api.send<Record<string, unknown>>('/oauth/introspect', { token });
    expect(body).toMatchObject({
      active: true,
      sub: user.id,
      client_id: billing.id,
      act: { sub: billing.id, act: { sub: orders.id } },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['without the type of its token', { subject_token_type: '' }, 'invalid_request'],
    ['with a token of a type that there is not', { subject_token_type: `${ACCESS_TOKEN}s` }, 'invalid_request'],
    ['without a token', { subject_token: '' }, 'invalid_request'],
    [
      'for a refresh token',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'invalid_request',
    ],
    ['for another actor', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
    ['for a scope that it has not', { scope: 'ledger:read' }, 'invalid_scope'],
    ['for an audience that it has not', { audience: 'ledger' }, 'invalid_target'],
    ['for a resource that it has not', { resource: 'https://ledger.example.com' }, 'invalid_target'],
  ])('and hears what is wrong: %s', async (_, form, error) => {
    const { status, body } = await exchange(orders, tokens.access_token, form);
    expect({ status, error: body['error'] }).toEqual({ status: 400, error });
    expect(Object.keys(body)).toEqual(['error', 'error_description']);
  });

  it('only where an administrator lets it', async () => {
    const plain = await ServiceAccount.create(app, admin, { served_audiences: ['api'] });
    expect(await exchange(plain, tokens.access_token)).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client' },
    });
  });
});
