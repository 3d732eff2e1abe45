import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SetSigner } from '../../src/shared-signals/events/set-signer.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { API_KEY } from '../../src/oauth/token-exchange/api-key.reader.js';
import { clientKey, personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { FeedReader } from '../support/feed-reader.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { ACCESS_TOKEN, exchange, EXCHANGE, exchanged } from '../support/token-exchange.js';
import { WorkloadIssuer } from '../support/workload-issuer.js';
import { forge, ownSigner } from './forged-token.js';

const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SUBJECT = 'system:serviceaccount:shop:orders';

describe.each(['at+jwt', 'JWT'])('every kind of token, where every other is expected: access tokens are %s', (typ) => {
  let app: TestApp;
  let platform: WorkloadIssuer;
  let orders: ServiceAccount;
  /** What there is, by its kind. */
  const kinds: Record<string, string> = {};

  beforeAll(async () => {
    app = await TestApp.start({ JWT_TYP: typ, TOKEN_STATUS: 'true', RATE_LIMITS: 'false' });
    platform = await WorkloadIssuer.start();
    const { tokens: admin } = await app.signedInAdmin();
    const create = () =>
      ServiceAccount.create(app, admin.access_token, {
        grant_types: ['client_credentials', EXCHANGE, BEARER],
        scopes: ['orders:read'],
        served_audiences: ['api'],
      });
    orders = await create();
    const billing = await create();
    const identity = { issuer: platform.url, subject: SUBJECT };
    await app.http.post(`/clients/${orders.id}/workload-identities`, identity, { token: admin.access_token });

    const { email, id } = await app.createUser();
    const login = await app.http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
    const tokens = login.body;
    const browser = await app.http.post(
      '/auth/login',
      { email, password: PASSWORD, transport: 'cookie' },
      { headers: { 'sec-fetch-site': 'same-origin' } },
    );
    const personal = await personalToken(app, tokens.access_token);
    const key = await clientKey(app, admin.access_token, billing.id, { scopes: ['orders:read'] });
    const stream = await FeedReader.open(app.http.baseUrl);
    const now = app.clock.seconds();
    const signal = {
      id: 'x',
      streamId: 'x',
      type: 'x',
      userId: id,
      sessionId: null,
      event: {},
      txn: 'x',
      createdAt: app.clock.date(),
    };
    const signer = app.app.get(SetSigner);
    Object.assign(kinds, {
      'access token of a person': tokens.access_token,
      'access token of a service': await billing.token(),
      'exchanged access token': await exchanged(billing, tokens.access_token),
      'refresh token': tokens.refresh_token,
      'session cookie': /\bcountersign=([^;]+)/.exec(browser.headers.getSetCookie().join())![1]!,
      'personal access token': personal.api_key,
      'access token of a personal access token': tokenIn(await verdictOn(app.http, personal.api_key)),
      'API key': key.api_key,
      'access token of an API key': tokenIn(await verdictOn(app.http, key.api_key)),
      'client secret': orders.secret,
      'platform token': await platform.sign({ sub: SUBJECT }, now),
      'device cookie': /^[^=]+=([^;]+)/.exec(login.headers.getSetCookie()[0]!)![1]!,
      'security event': await signer.sign(signal, { audience: 'api', signingAlg: null }),
      'security event by RSA': await signer.sign(signal, { audience: 'api', signingAlg: 'RS256' }),
      'frame of the feed': (await stream.event(({ event }) => event === 'hello')).data,
      'snapshot of the feed': (await app.http.get('/revocations/snapshot')).text,
      'status list': (await app.http.get('/status-lists/0')).text,
      introspection: (
        await sendForm(
          app,
          '/oauth/introspect',
          { token: tokens.access_token },
          { authorization: orders.basic, accept: 'application/token-introspection+jwt' },
        )
      ).text,
    });
    stream.close();
    // All claims of an access token, under the type of every other: the type alone keeps them apart.
    const { header, claims } = decodeToken(tokens.access_token);
    const types = [
      'secevent+jwt',
      'rev+jwt',
      'rev-snapshot+jwt',
      'statuslist+jwt',
      'token-introspection+jwt',
      'dpop+jwt',
    ];
    for (const other of types)
      kinds[`access token as ${other}`] = forge({ ...header, typ: other }, claims, ownSigner(app));
  });
  afterAll(async () => {
    await app.close();
    await platform.stop();
  });

  const ANY_ACCESS_TOKEN = [
    'access token of a person',
    'access token of a service',
    'exchanged access token',
    'access token of a personal access token',
    'access token of an API key',
  ];
  const ANY_KEY = ['personal access token', 'API key'];
  const form = (body: Record<string, string>) => sendForm(app, '/oauth/token', body);

  /** Where tokens are expected: what is accepted there, and how it is told. */
  const PLACES: Record<string, [accepted: string[], isAccepted: (token: string) => Promise<boolean>]> = {
    'a route': [ANY_ACCESS_TOKEN, async (token) => (await app.http.get('/auth/me', { token })).status === 200],
    'a route of people': [
      ['access token of a person'],
      async (token) => (await app.http.get('/users/me', { token })).status === 200,
    ],
    'a route by a cookie': [
      ['session cookie'],
      async (value) =>
        (await app.http.get('/users/me', { headers: { cookie: `countersign=${value}` } })).status === 200,
    ],
    'a gateway by a cookie': [
      ['session cookie'],
      async (value) => {
        const headers = { cookie: `countersign=${value}`, 'sec-fetch-site': 'same-origin' };
        return (await app.http.get('/gateway/verify', { headers })).status === 200;
      },
    ],
    'a gateway': [
      [...ANY_ACCESS_TOKEN, ...ANY_KEY],
      async (token) => (await app.http.get('/gateway/verify', { token })).status === 200,
    ],
    introspection: [
      ANY_ACCESS_TOKEN,
      async (token) => (await orders.send('/oauth/introspect', { token })).body['active'] === (true as unknown),
    ],
    exchange: [ANY_ACCESS_TOKEN, async (token) => (await exchange(orders, token)).status === 200],
    'exchange as a JWT': [
      ANY_ACCESS_TOKEN,
      async (token) =>
        (await exchange(orders, token, { subject_token_type: ACCESS_TOKEN.replace('access_token', 'jwt') })).status ===
        200,
    ],
    'exchange as an API key': [
      ANY_KEY,
      async (token) => (await exchange(orders, token, { subject_token_type: API_KEY })).status === 200,
    ],
    assertion: [
      ['platform token'],
      async (assertion) => (await form({ grant_type: BEARER, assertion })).status === 200,
    ],
    'client authentication': [
      ['client secret'],
      async (client_secret) =>
        (await form({ grant_type: 'client_credentials', client_id: orders.id, client_secret })).status === 200,
    ],
    'refresh by OAuth': [
      ['refresh token'],
      async (refresh_token) => (await form({ grant_type: 'refresh_token', refresh_token })).status === 200,
    ],
    refresh: [
      ['refresh token'],
      async (refresh_token) => (await app.http.post('/auth/refresh', { refresh_token })).status === 200,
    ],
  };

  it.each(Object.entries(PLACES))('%s', async (_, [accepted, isAccepted]) => {
    expect(Object.keys(kinds)).toHaveLength(24);
    const outcome: string[] = [];
    for (const [kind, token] of Object.entries(kinds)) if (await isAccepted(token)) outcome.push(kind);
    expect(outcome.sort()).toEqual([...accepted].sort());
  });

  it('revocation: nothing but the tokens of a session ends it', async () => {
    const sessions = async () => (await app.dataSource.query<{ id: string }[]>('SELECT id FROM sessions')).length;
    const before = await sessions();
    const ofSessions = new Set(['access token of a person', 'refresh token']);
    // A cookie is no token: it ends its session at `POST /auth/logout` alone.
    for (const [kind, token] of Object.entries(kinds)) {
      if (ofSessions.has(kind)) continue;
      expect([200, 400]).toContain((await orders.send('/oauth/revoke', { token })).status);
      expect([200, 400]).toContain((await sendForm(app, '/oauth/revoke', { token, client_id: 'web' })).status);
    }
    expect(await sessions()).toBe(before);
    const token = kinds['access token of a person']!;
    expect((await sendForm(app, '/oauth/revoke', { token, client_id: 'web' })).status).toBe(200);
    expect(await sessions()).toBe(before - 1);
  });
});
