import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import { AccessTokens, type TokenGrant } from '../../src/tokens/access-tokens.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { Browser } from '../support/browser.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import type { Answer } from '../support/http-client.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { exchange, EXCHANGE } from '../support/token-exchange.js';
import { ofUnknownKey } from '../attacks/forged-token.js';
import { soon } from './service-process.js';

const SUBJECT: Omit<TokenGrant, 'issuedAt'> = {
  subject: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a',
  session: 'AZnzoFwefDqfZC9vPB2Leg',
  email: 'young@example.com',
  roles: ['user'],
  client: 'web',
  audiences: ['api'],
};

describe('the database goes away and comes back', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let proxy: TcpProxy;
  let app: TestApp;
  let email: string;
  let tokens: TokenResponse;
  beforeAll(async () => {
    database = await createDatabase();
    proxy = await TcpProxy.start(database.url);
    app = await TestApp.start({ DATABASE_URL: proxy.url }, { patient: false });
    const { user, tokens: first } = await app.signedInAdmin();
    email = user.email;
    tokens = first;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    proxy.thaw();
    await proxy.mend();
    await isBack();
  });
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await database.drop();
  });

  const isUnavailable = ({ status, headers, body, text }: Answer<unknown>) => {
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(text).not.toMatch(/ECONN|postgres|127\.0\.0\.1|Connection/);
  };
  const needDatabase = (): [string, () => Promise<Answer<unknown>>][] => {
    const token = tokens.access_token;
    return [
      ['ready', () => app.http.get('/health/ready/sign-in')],
      ['login', () => app.http.post('/auth/login', { email, password: PASSWORD })],
      ['refresh', () => app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })],
      ['register', () => app.http.post('/auth/register', { email: 'new@example.com', password: PASSWORD })],
      ['profile', () => app.http.get('/users/me', { token })],
      ['rename', () => app.http.patch('/users/me', { display_name: 'x' }, { token })],
      ['sessions', () => app.http.get('/sessions', { token })],
      ['sign-out', () => app.http.post('/auth/logout', undefined, { token })],
      ['users', () => app.http.get('/users', { token })],
      ['rotation', () => app.http.post('/keys/rotate', {}, { token })],
      [
        'password',
        () => app.http.post('/auth/password', { current_password: PASSWORD, new_password: `${PASSWORD}!` }, { token }),
      ],
    ];
  };
  const elsewhere = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  const isBack = () => soon(async () => (await app.http.get('/health/ready')).status === 200);

  it('what needs it says 503 and when to try again; what does not goes on; then all works, with no restart', async () => {
    await proxy.cut();
    for (let round = 0; round < 2; round++) for (const [, send] of needDatabase()) isUnavailable(await send());
    const token = tokens.access_token;
    for (const path of [
      '/auth/me',
      '/health/live',
      '/health/ready',
      '/.well-known/jwks.json',
      '/.well-known/openid-configuration',
    ]) {
      expect((await app.http.get(path, { token })).status).toBe(200);
    }
    expect((await app.http.get('/auth/me', { token: 'nonsense' })).status).toBe(401);
    await proxy.mend();
    expect(await isBack()).toBe(true);

    tokens = await app.login(email);
    for (const [name, send] of needDatabase()) {
      if (name === 'sign-out' || name === 'password') continue;
      expect([name, (await send()).status]).toEqual([name, name === 'register' ? 201 : 200]);
    }
    expect((await app.http.post('/auth/logout', undefined, { token: tokens.access_token })).status).toBe(204);
    tokens = await app.login(email);
  });

  it('a person who tried in vain meanwhile is not taken for a guesser', async () => {
    const patient = await app.createUser();
    const login = () => app.http.post('/auth/login', { email: patient.email, password: PASSWORD });
    const register = () => app.http.post('/auth/register', { email: 'patient@example.com', password: PASSWORD });
    await proxy.cut();
    for (let n = 0; n < 15; n++) {
      isUnavailable(await login());
      isUnavailable(await register());
    }
    await proxy.mend();
    expect(await isBack()).toBe(true);
    expect((await login()).status).toBe(200);
    expect((await register()).status).toBe(201);
  });

  it('revocations of that time are known as soon as it is back', async () => {
    const { user, tokens: doomed } = await app.signedInUser();
    const token = doomed.access_token;
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    await proxy.cut();
    await elsewhere(
      `WITH head AS (UPDATE revocation_head SET seq = seq + 1 RETURNING seq)
       INSERT INTO revocations SELECT head.seq, sessions.id, now(), now() + interval '11 minutes'
       FROM head, sessions WHERE user_id = '${user.id}'`,
    );
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    await proxy.mend();
    expect(await soon(async () => (await app.http.get('/auth/me', { token })).status === 401)).toBe(true);
  });

  it('access tokens are accepted for 60 s; after that nobody can know, which is 503 and not 401', async () => {
    const { access_token: token } = await app.login(email);
    const elapse = moveTime(app);
    await app.app.get(RevocationService).catchUp();
    await proxy.cut();
    elapse(58);
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    elapse(4);
    isUnavailable(await app.http.get('/auth/me', { token }));
    isUnavailable(await app.http.get('/users/me', { token }));
    isUnavailable(await app.http.get('/health/ready'));
    // Another instance may mint meanwhile: what is younger than our knowledge may be old needs none.
    const { token: young } = app.app.get(AccessTokens).issue({ ...SUBJECT, issuedAt: app.clock.seconds() });
    expect((await app.http.get('/auth/me', { token: young })).status).toBe(200);
    expect((await app.http.get('/health/live')).status).toBe(200);
    expect((await app.http.get('/auth/me', { token: 'nonsense' })).status).toBe(401);
    await proxy.mend();
    expect(await soon(async () => (await app.http.get('/auth/me', { token })).status === 200)).toBe(true);
  });

  it('gateways hear 200 for a token that is known, and 403 where nobody can know: closed', async () => {
    const { access_token: token } = await app.login(email);
    const unknownKey = ofUnknownKey(token);
    const verdict = async (bearer: string) => {
      const { status, headers } = await app.http.get('/gateway/verify', { token: bearer });
      return [status, headers.get('www-authenticate')];
    };
    expect(await verdict(unknownKey)).toEqual([401, 'Bearer error="invalid_token"']);
    await app.app.get(RevocationService).catchUp();
    await proxy.cut();
    expect(await verdict(token)).toEqual([200, null]);
    expect(await verdict(unknownKey)).toEqual([403, null]);
    moveTime(app)(62);
    expect(await verdict(token)).toEqual([403, null]);
    expect(await verdict('nonsense')).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it('services hear so in the words of OAuth, and never that a token is not good', async () => {
    const admin = (await app.login(email)).access_token;
    const api = await ServiceAccount.create(app, admin, { grant_types: [EXCHANGE], served_audiences: ['api'] });
    const { access_token: token, refresh_token } = await app.login(email);
    expect((await api.send('/oauth/introspect', { token })).body).toMatchObject({ active: true });
    await app.app.get(RevocationService).catchUp();
    await proxy.cut();
    // Longer than an instance knows clients by heart.
    moveTime(app)(2);
    const answers = {
      introspection: await api.send('/oauth/introspect', { token }),
      exchange: await exchange(api, token),
      revocation: await sendForm(app, '/oauth/revoke', { token, client_id: 'web' }),
      refresh: await sendForm(app, '/oauth/token', { grant_type: 'refresh_token', refresh_token }),
    };
    for (const [name, { status, body, headers }] of Object.entries(answers)) {
      expect({ name, status, error: body['error'] }).toEqual({ name, status: 503, error: 'temporarily_unavailable' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await proxy.mend();
    expect(await soon(async () => (await api.send('/oauth/introspect', { token })).status === 200)).toBe(true);
    expect((await sendForm(app, '/oauth/token', { grant_type: 'refresh_token', refresh_token })).status).toBe(200);
  });

  it('a cookie that is known goes on; one that has yet to be exchanged is 503, and 403 to a gateway', async () => {
    const [known, fresh] = [new Browser(app.http), new Browser(app.http)];
    for (const browser of [known, fresh]) await browser.signIn(email, PASSWORD);
    expect((await known.get('/auth/me')).status).toBe(200);
    await proxy.cut();
    expect((await known.get('/auth/me')).status).toBe(200);
    expect((await known.get('/gateway/verify')).status).toBe(200);
    isUnavailable(await fresh.get('/auth/me'));
    isUnavailable(await fresh.post('/auth/refresh'));
    isUnavailable(await fresh.post('/auth/logout'));
    expect(fresh.session).toBeDefined();
    expect(await fresh.get('/gateway/verify')).toMatchObject({ status: 403, body: { code: 'no_verdict' } });
    await proxy.mend();
    expect(await isBack()).toBe(true);
    expect((await fresh.get('/gateway/verify')).status).toBe(200);
  });

  it('a database that hangs is noticed by the readiness check', async () => {
    proxy.freeze();
    isUnavailable(await app.http.get('/health/ready/sign-in'));
    expect((await app.http.get('/health/live')).status).toBe(200);
    expect((await app.http.get('/health/ready')).status).toBe(200);
  });

  it('a database that ends all connections costs no more than a retry', async () => {
    await elsewhere(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(
      await soon(async () => (await app.http.get('/users/me', { token: tokens.access_token })).status === 200),
    ).toBe(true);
    tokens = await app.login(email);
  });
});

/**
 * Moves both clocks, that of the day and that of the process, as if so many seconds had passed. That of the process
 * stands still otherwise, however long a busy machine takes.
 */
function moveTime(app: TestApp): (seconds: number) => void {
  const stoodStillAt = performance.now();
  let offset = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => stoodStillAt + offset);
  return (seconds) => {
    offset += seconds * 1000;
    app.clock.advance(seconds);
  };
}
