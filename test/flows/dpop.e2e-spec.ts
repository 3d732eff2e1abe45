import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { DpopKey } from '../support/dpop-key.js';

describe('tokens that are bound to a key (RFC 9449)', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1' })));
  afterAll(() => app.close());

  it('are announced', async () => {
    const { body } = await app.http.get<Record<string, unknown>>('/.well-known/oauth-authorization-server');
    expect(body['dpop_signing_alg_values_supported']).toEqual(['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256']);
  });

  it.each(['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'])(
    'come from a sign-in with a proof by %s, and are used with one',
    async (alg) => {
      const key = await DpopKey.create(app, alg);
      const { email } = await app.createUser();
      const tokens = await key.login(email);
      expect(tokens.token_type).toBe('DPoP');
      expect(decodeToken(tokens.access_token).claims['cnf']).toEqual({ jkt: key.thumbprint });
      for (let request = 0; request < 3; request++) {
        expect((await key.send('GET', '/auth/me', { token: tokens.access_token })).status).toBe(200);
      }
    },
  );

  it('are asked for with a nonce of ours, which comes with the refusal', async () => {
    const key = await DpopKey.create(app);
    const { email } = await app.createUser();
    const body = { email, password: PASSWORD };
    const first = await key.send('POST', '/auth/login', { body });
    expect(first).toMatchObject({ status: 400, body: { code: 'use_dpop_nonce' } });
    expect(first.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/);
    const second = await key.send<TokenResponse>('POST', '/auth/login', { body });
    expect(second.status).toBe(200);
    // RFC 9449 8.2: the next one is there already.
    expect(second.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/);
  });

  it('are refreshed with a proof of the same key, and the same successor comes twice', async () => {
    const key = await DpopKey.create(app);
    const { email } = await app.createUser();
    const first = await key.login(email);
    const refresh = () =>
      key.send<TokenResponse>('POST', '/auth/refresh', { body: { refresh_token: first.refresh_token } });
    const answers = [await refresh(), await refresh()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [second, again] = answers.map(({ body }) => body) as [TokenResponse, TokenResponse];
    expect(second.refresh_token).toBe(again.refresh_token);
    for (const { access_token, token_type } of [second, again]) {
      expect(token_type).toBe('DPoP');
      expect(decodeToken(access_token).claims['cnf']).toEqual({ jkt: key.thumbprint });
      expect((await key.send('GET', '/auth/me', { token: access_token })).status).toBe(200);
    }
  });

  it('end with their session', async () => {
    const key = await DpopKey.create(app);
    const { access_token: token } = await key.login((await app.createUser()).email);
    expect((await key.send('POST', '/auth/logout', { token })).status).toBe(204);
    const refused = await key.send('GET', '/auth/me', { token });
    expect(refused).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token", .*algs="ES256 /);
  });

  it('go on for longer than a nonce does', async () => {
    const key = await DpopKey.create(app);
    let tokens = await key.login((await app.createUser()).email);
    for (let minute = 0; minute < 3; minute++) {
      app.clock.advance(250);
      const body = { refresh_token: tokens.refresh_token };
      let answer = await key.send<TokenResponse>('POST', '/auth/refresh', { body });
      expect(answer).toMatchObject({ status: 400, body: { code: 'use_dpop_nonce' } });
      answer = await key.send<TokenResponse>('POST', '/auth/refresh', { body });
      expect(answer.status).toBe(200);
      tokens = answer.body;
    }
  });

  it('pass a gateway that says what its client asked for', async () => {
    const key = await DpopKey.create(app);
    const { access_token: token } = await key.login((await app.createUser()).email);
    const ask = async (forwarded: Record<string, string>, url = 'https://api.example.com/orders/7') =>
      app.http.get('/gateway/verify', {
        headers: {
          authorization: `DPoP ${token}`,
          dpop: await key.proof('DELETE', url, token),
          'x-forwarded-method': 'DELETE',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'api.example.com',
          'x-forwarded-uri': '/orders/7?force=true',
          ...forwarded,
        },
      });
    const passed = await ask({});
    expect(passed.status).toBe(200);
    expect(passed.headers.get('x-auth-subject')).toBe(decodeToken(token).claims['sub']);
    expect((await ask({ 'x-forwarded-host': 'API.example.com:443' })).status).toBe(200);
    for (const [name, value] of [
      ['x-forwarded-method', 'GET'],
      ['x-forwarded-proto', 'http'],
      ['x-forwarded-host', 'other.example.com'],
      ['x-forwarded-uri', '/orders/8'],
    ] as const) {
      const refused = await ask({ [name]: value });
      expect([name, refused.status, refused.body['code']]).toEqual([name, 401, 'invalid_dpop_proof']);
      expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof"/);
    }
    for (const name of ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-uri']) {
      const unknown = await ask({ [name]: '' });
      expect([name, unknown.status, unknown.body['code']]).toEqual([name, 403, 'no_verdict']);
    }
  });

  it('can be shown to a gateway and to the service behind it, by the same proof', async () => {
    const key = await DpopKey.create(app);
    const { access_token: token } = await key.login((await app.createUser()).email);
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: await key.proof('GET', '/auth/me', token),
      'x-forwarded-method': 'GET',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'localhost:3000',
      'x-forwarded-uri': '/auth/me',
    };
    expect((await app.http.get('/gateway/verify', { headers })).status).toBe(200);
    expect((await app.http.get('/auth/me', { headers })).status).toBe(200);
  });
});

describe('DPOP_NONCE', () => {
  let app: TestApp;
  afterEach(() => app.close());

  it('`always`: requests with a token carry a nonce too', async () => {
    app = await TestApp.start({ DPOP_NONCE: 'always' });
    const key = await DpopKey.create(app);
    const { access_token: token } = await key.login((await app.createUser()).email);
    expect((await key.send('GET', '/auth/me', { token })).status).toBe(200);
    key.nonce = undefined;
    const refused = await key.send('GET', '/auth/me', { token });
    expect(refused).toMatchObject({ status: 401, body: { code: 'use_dpop_nonce', status: 401 } });
    expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP error="use_dpop_nonce", algs=/);
    expect((await key.send('GET', '/auth/me', { token })).status).toBe(200);
  });

  // RFC 9449 4.3 (11), 11.1.
  it.each([-3600, -61, 16, 86_400])(
    'a nonce proves that a proof is fresh, by a clock that is %i s off',
    async (offset) => {
      app = await TestApp.start();
      const key = await DpopKey.create(app);
      const wrong = () => ({ claims: { iat: app.clock.seconds() + offset } });
      const { email } = await app.createUser();
      const login = async () =>
        key.learn(
          await app.http.post<TokenResponse & { code: string }>(
            '/auth/login',
            { email, password: PASSWORD },
            { headers: { dpop: await key.proof('POST', '/auth/login', undefined, wrong()) } },
          ),
        );
      expect(await login()).toMatchObject({ status: 400, body: { code: 'use_dpop_nonce' } });
      const signedIn = await login();
      expect(signedIn.status).toBe(200);
      const token = signedIn.body.access_token;
      for (const path of ['/auth/me', '/users/me']) {
        const send = (dpop: string) =>
          app.http.get<{ code: string }>(path, { headers: { authorization: `DPoP ${token}`, dpop } });
        const proof = await key.proof('GET', path, token, wrong());
        expect((await send(proof)).status).toBe(200);
        // It works once, for as long as its nonce does.
        for (const later of [0, 80]) {
          app.clock.advance(later);
          expect(await send(proof)).toMatchObject({ status: 401, body: { code: 'invalid_dpop_proof' } });
          app.clock.advance(-later);
        }
        const bare = await key.proof('GET', path, token, { claims: { ...wrong().claims, nonce: undefined } });
        const asked = key.learn(await send(bare));
        expect(asked).toMatchObject({ status: 401, body: { code: 'use_dpop_nonce' } });
        expect((await send(await key.proof('GET', path, token, wrong()))).status).toBe(200);
      }
    },
  );

  it('`never`: the time of a proof is all that there is', async () => {
    app = await TestApp.start({ DPOP_NONCE: 'never' });
    const key = await DpopKey.create(app);
    const claims = { iat: app.clock.seconds() - 61, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' };
    const headers = { dpop: await key.proof('POST', '/auth/login', undefined, { claims }) };
    const answer = await app.http.post('/auth/login', { email: 'a@example.com', password: PASSWORD }, { headers });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_dpop_proof' } });
  });

  it('`never`: one request suffices', async () => {
    app = await TestApp.start({ DPOP_NONCE: 'never' });
    const key = await DpopKey.create(app);
    const { email } = await app.createUser();
    const answer = await key.send('POST', '/auth/login', { body: { email, password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('dpop-nonce')).toBeNull();
  });

  it('of one instance is good at another', async () => {
    app = await TestApp.start();
    const other = await TestApp.start();
    const [key, { email }] = [await DpopKey.create(app), await other.createUser()];
    await key.send('POST', '/auth/login', { body: { email, password: PASSWORD } });
    const dpop = await key.proof('POST', '/auth/login');
    const answer = await other.http.post('/auth/login', { email, password: PASSWORD }, { headers: { dpop } });
    expect(answer.status).toBe(200);
    await other.close();
  });
});
