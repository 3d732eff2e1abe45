import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { DpopKey } from '../support/dpop-key.js';
import type { Answer } from '../support/http-client.js';
import { formOf, ServiceAccount } from '../support/service-account.js';
import { ACCESS_TOKEN, EXCHANGE } from '../support/token-exchange.js';

describe('tokens of services that are bound to a key (RFC 9449)', () => {
  let app: TestApp;
  let orders: ServiceAccount;
  let key: DpopKey;

  beforeAll(async () => {
    app = await TestApp.start();
    const admin = await app.adminToken();
    orders = await ServiceAccount.create(app, admin, {
      grant_types: ['client_credentials', EXCHANGE],
      served_audiences: ['api'],
    });
    key = await DpopKey.create(app);
    // Learns the nonce that every token request wants.
    await ask({ grant_type: 'client_credentials' });
  });
  afterAll(() => app.close());

  /** A token request with a proof. */
  const ask = (
    form: Record<string, string>,
    { as = orders.basic, dpop }: { as?: string | null; dpop?: string } = {},
  ): Promise<Answer<Record<string, string>>> =>
    key.send('POST', '/oauth/token', formOf(form, { ...(as && { authorization: as }), ...(dpop && { dpop }) }));

  const jktOf = (token: string) => decodeToken<{ cnf: { jkt: string } }>(token).claims.cnf.jkt;

  it('are asked for with a nonce, in the words of OAuth', async () => {
    const fresh = await DpopKey.create(app);
    const form = formOf({ grant_type: 'client_credentials' }, { authorization: orders.basic });
    const first = await fresh.send<Record<string, string>>('POST', '/oauth/token', form);
    expect(first).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
    expect(first.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/);
  });

  it('come by client_credentials, and are worth nothing without the key', async () => {
    const { status, body } = await ask({ grant_type: 'client_credentials' });
    expect({ status, type: body['token_type'] }).toEqual({ status: 200, type: 'DPoP' });
    const token = body['access_token']!;
    expect(jktOf(token)).toBe(key.thumbprint);
    expect((await key.send('GET', '/auth/me', { token })).status).toBe(200);
    expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_bound' } });
    const told = await orders.send('/oauth/introspect', { token });
    expect(told.body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.thumbprint } });
  });

  it('come by an exchange, for whoever is acted for by a bearer token', async () => {
    const { tokens } = await app.signedInUser();
    const form = { grant_type: EXCHANGE, subject_token: tokens.access_token, subject_token_type: ACCESS_TOKEN };
    const { status, body } = await ask(form);
    expect({ status, type: body['token_type'] }).toEqual({ status: 200, type: 'DPoP' });
    expect(jktOf(body['access_token']!)).toBe(key.thumbprint);
    // Whoever has a bound token alone cannot use it, by an exchange neither.
    const again = await ask({ ...form, subject_token: body['access_token']! });
    expect(again).toMatchObject({ status: 400, body: { error: expect.stringMatching(/^invalid_/) as string } });
  });

  it('are refreshed at the token endpoint with the key of their session alone', async () => {
    const { email } = await app.createUser();
    const tokens = await key.login(email);
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const other = await DpopKey.create(app);
    other.nonce = key.nonce;
    const dpop = await other.proof('POST', '/oauth/token');
    expect(await ask(form, { as: null, dpop })).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    const { status, body } = await ask(form, { as: null });
    expect({ status, type: body['token_type'] }).toEqual({ status: 200, type: 'DPoP' });
    expect(jktOf(body['access_token']!)).toBe(key.thumbprint);
  });

  it('cost a proof each, and one that bought nothing is not used up', async () => {
    const dpop = await key.proof('POST', '/oauth/token');
    const form = { grant_type: 'client_credentials' };
    const refused = await ask(form, { as: `Basic ${Buffer.from('svc_x:css_y').toString('base64')}`, dpop });
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await ask({ ...form, scope: 'more' }, { dpop })).toMatchObject({ body: { error: 'invalid_scope' } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(form, { dpop })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status !== 200)
        expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_dpop_proof' });
    }
  });

  it('are not what a cookie or an API key can be', async () => {
    const { email } = await app.createUser();
    const byCookie = await key.send<{ errors: object[] }>('POST', '/auth/login', {
      body: { email, password: PASSWORD, transport: 'cookie' },
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(byCookie).toMatchObject({ status: 400, body: { errors: [{ field: 'transport' }] } });
    expect(byCookie.headers.getSetCookie().join()).not.toContain('countersign=');
    const { tokens } = await app.signedInAdmin();
    const path = `/clients/${orders.id}/api-keys`;
    const made = await app.http.post<{ api_key: string }>(path, { name: 'nightly' }, { token: tokens.access_token });
    expect(made.status).toBe(201);
    const verdict = (scheme: string) =>
      app.http.get('/gateway/verify', { headers: { authorization: `${scheme} ${made.body.api_key}` } });
    expect((await verdict('Bearer')).status).toBe(200);
    expect((await verdict('DPoP')).status).toBe(401);
  });
});
