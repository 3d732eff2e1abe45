import { createHash, createHmac } from 'node:crypto';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { DpopKey, type ProofChanges } from '../support/dpop-key.js';
import { encode } from './forged-token.js';
import { askRaw } from './raw-http.js';

describe('a stolen token that is bound to a key (RFC 9449)', () => {
  let app: TestApp;
  let owner: DpopKey;
  let thief: DpopKey;
  let tokens: TokenResponse;
  let token: string;

  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1' })));
  afterAll(() => app.close());
  beforeEach(async () => {
    [owner, thief] = [await DpopKey.create(app), await DpopKey.create(app)];
    tokens = await owner.login((await app.createUser()).email);
    token = tokens.access_token;
    thief.nonce = owner.nonce;
  });

  /** Each place where access tokens are brought. */
  const PLACES = [
    ['the API', 'GET', '/auth/me', {}],
    ['the sign-out', 'POST', '/auth/logout', {}],
    [
      'the verdict endpoint',
      'GET',
      '/gateway/verify',
      {
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'localhost:3000',
        'x-forwarded-uri': '/gateway/verify',
        'x-forwarded-method': 'GET',
      },
    ],
  ] as const;

  describe.each(PLACES)('at %s', (_, method, path, forwarded) => {
    const ask = (headers: Record<string, string>) =>
      app.http.send(method, path, { headers: { ...forwarded, ...headers } });
    const withProof = (dpop: string, scheme = 'DPoP') => ask({ authorization: `${scheme} ${token}`, dpop });
    const refused = (answer: { status: number; body: Record<string, unknown> }) => [answer.status, answer.body['code']];

    it('is no bearer token, be it with a proof or without', async () => {
      const attempts: Record<string, string>[] = [
        { authorization: `Bearer ${token}` },
        { authorization: `bearer ${token}` },
        { authorization: `Bearer ${token}`, dpop: await owner.proof(method, path, token) },
      ];
      for (const headers of attempts) {
        // The second time it has been verified, and is recalled.
        for (let time = 0; time < 2; time++) {
          const answer = await ask(headers);
          expect(refused(answer)).toEqual([401, 'token_bound']);
          expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token"/);
        }
      }
      expect((await withProof(await owner.proof(method, path, token))).status).toBeLessThan(300);
    });

    it('needs a proof', async () => {
      expect(refused(await ask({ authorization: `DPoP ${token}` }))).toEqual([401, 'invalid_dpop_proof']);
      expect(refused(await ask({ authorization: `DPoP ${token}`, dpop: '' }))).toEqual([401, 'invalid_dpop_proof']);
    });

    it('needs a proof of its own key', async () => {
      expect(refused(await withProof(await thief.proof(method, path, token)))).toEqual([401, 'invalid_dpop_proof']);
      // Signed by the thief, beside the owner's public key.
      const forged = await thief.proof(method, path, token, { header: { jwk: owner.jwk } });
      expect(refused(await withProof(forged))).toEqual([401, 'invalid_dpop_proof']);
    });

    it.each<[string, ProofChanges]>([
      ['for another token', { claims: { ath: createHash('sha256').update('another').digest('base64url') } }],
      ['for no token', { claims: { ath: undefined } }],
      ['for another method', { claims: { htm: 'PUT' } }],
      ['for another route', { claims: { htu: 'http://localhost:3000/users/me' } }],
      ['for another service', { claims: { htu: 'http://evil.example/auth/me' } }],
      ['without an id', { claims: { jti: undefined } }],
      ['of another type', { header: { typ: 'JWT' } }],
      ['with an extension', { header: { crit: ['ext'], ext: true } }],
    ])('needs a proof that fits: not one %s', async (_name, changes) => {
      expect(refused(await withProof(await owner.proof(method, path, token, changes)))).toEqual([
        401,
        'invalid_dpop_proof',
      ]);
    });

    // RFC 9449 4.3 (11), 11.1.
    it('passes with a nonce of ours, whatever time the proof states', async () => {
      const claims = { iat: app.clock.seconds() - 3600 };
      expect((await withProof(await owner.proof(method, path, token, { claims }))).status).toBeLessThan(300);
    });

    it.each([-70, 70])(
      'needs a proof that is fresh: not one that states %i s from now, without a nonce',
      async (offset) => {
        const claims = { iat: app.clock.seconds() + offset, nonce: undefined };
        expect(refused(await withProof(await owner.proof(method, path, token, { claims })))).toEqual([
          401,
          'use_dpop_nonce',
        ]);
      },
    );

    it('needs a signature: `none`, and an HMAC by the public key, are none', async () => {
      const [, payload] = (await owner.proof(method, path, token)).split('.') as [string, string];
      for (const alg of ['none', 'HS256']) {
        const input = `${encode({ typ: 'dpop+jwt', alg, jwk: owner.jwk })}.${payload}`;
        const signature = createHmac('sha256', JSON.stringify(owner.jwk)).update(input).digest('base64url');
        for (const dpop of [`${input}.${signature}`, `${input}.`, `${input}.AA`])
          expect(refused(await withProof(dpop))).toEqual([401, 'invalid_dpop_proof']);
      }
    });

    it('does not pass by a private key in the proof', async () => {
      const dpop = await owner.proof(method, path, token, { header: { jwk: await exportJWK(owner.privateKey) } });
      expect(refused(await withProof(dpop))).toEqual([401, 'invalid_dpop_proof']);
    });

    it('does not pass by two proofs, whichever is good', async () => {
      const [one, other] = [await owner.proof(method, path, token), await thief.proof(method, path, token)];
      for (const pair of [
        [one, other],
        [other, one],
        [one, one],
        ['', one],
      ]) {
        const headers = [
          `Authorization: DPoP ${token}`,
          ...Object.entries(forwarded).map(([name, value]) => `${name}: ${value}`),
          ...pair.map((value) => `DPoP: ${value}`),
        ];
        const answer = await askRaw(app.http.baseUrl, method, path, headers);
        expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('invalid_dpop_proof')]);
      }
    });
  });

  it('does not become a bearer token at a route of whatever kind', async () => {
    for (const [method, path] of [
      ['GET', '/users/me'],
      ['DELETE', '/sessions'],
      ['POST', '/auth/password'],
      ['DELETE', '/users/me'],
    ] as const) {
      const answer = await app.http.send(method, path, { token });
      expect([path, answer.status, answer.body['code']]).toEqual([path, 401, 'token_bound']);
    }
  });

  it('and a bearer token does not pass as a bound one, though it comes with a proof', async () => {
    const { tokens: bearer } = await app.signedInUser();
    const answer = await thief.send('GET', '/auth/me', { token: bearer.access_token });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    expect((await app.http.get('/auth/me', { token: bearer.access_token })).status).toBe(200);
  });

  it('whatever Host a request names, the proof speaks of the public URL', async () => {
    const dpop = await owner.proof('GET', 'http://evil.example/auth/me', token);
    const answer = await askRaw(app.http.baseUrl, 'GET', '/auth/me', [
      `Authorization: DPoP ${token}`,
      `DPoP: ${dpop}`,
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: http',
    ]);
    expect(answer.status).toBe(401);
  });
});

describe('a stolen refresh token of a session that is bound to a key', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const refreshed = (key: DpopKey | null, token: string) => {
    const body = { refresh_token: token };
    return key ? key.send<TokenResponse>('POST', '/auth/refresh', { body }) : app.http.post('/auth/refresh', body);
  };

  it('is worth nothing without the key, fresh or used, and does not end the session', async () => {
    const [owner, thief] = [await DpopKey.create(app), await DpopKey.create(app)];
    const first = await owner.login((await app.createUser()).email);
    thief.nonce = owner.nonce;
    const second = (await refreshed(owner, first.refresh_token)).body as TokenResponse;
    for (const stolen of [second.refresh_token, first.refresh_token]) {
      for (const key of [null, thief]) {
        const answer = await refreshed(key, stolen);
        expect([answer.status, (answer.body as Record<string, unknown>)['code']]).toEqual([400, 'invalid_dpop_proof']);
      }
    }
    const third = await refreshed(owner, second.refresh_token);
    expect(third.status).toBe(200);
    // The owner's own key does not save a token that was used up.
    expect(await refreshed(owner, first.refresh_token)).toMatchObject({
      status: 401,
      body: { code: 'refresh_token_reused' },
    });
  });

  it('and one of a session that is not bound does not become bound to the key of a thief', async () => {
    const thief = await DpopKey.create(app);
    await thief.send('POST', '/auth/login', { body: { email: 'nobody@example.com', password: PASSWORD } });
    const { tokens } = await app.signedInUser();
    const answer = await refreshed(thief, tokens.refresh_token);
    expect([answer.status, (answer.body as unknown as Record<string, unknown>)['code']]).toEqual([
      400,
      'invalid_dpop_proof',
    ]);
    expect((await refreshed(null, tokens.refresh_token)).status).toBe(200);
  });
});

describe('a nonce', () => {
  let app: TestApp;
  let foreign: string | undefined;
  beforeAll(async () => {
    const elsewhere = await TestApp.start({ SECRET_KEY: 'hT8GmGwoVQvCcRwZ2mWkqJ4Vn3r6Yt1bXzE5uLs9aPo=' });
    const stranger = await DpopKey.create(elsewhere);
    await stranger.send('POST', '/auth/login', { body: { email: 'a@example.com', password: PASSWORD } });
    foreign = stranger.nonce;
    await elsewhere.close();
    app = await TestApp.start({ DPOP_NONCE: 'always' });
  });
  afterAll(() => app.close());

  it('cannot be left out, invented, taken from elsewhere or kept', async () => {
    const key = await DpopKey.create(app);
    const { email } = await app.createUser();
    const { access_token: token } = await key.login(email);
    const good = key.nonce!;
    expect(foreign).toHaveLength(good.length);
    for (const nonce of [undefined, '', 'nonce', `${good}A`, good.slice(1), foreign]) {
      key.nonce = nonce;
      const login = await key.send('POST', '/auth/login', { body: { email, password: PASSWORD } });
      expect([nonce, login.status, login.body['code']]).toEqual([nonce, 400, 'use_dpop_nonce']);
      key.nonce = nonce;
      const me = await key.send('GET', '/auth/me', { token });
      expect([nonce, me.status, me.body['code']]).toEqual([nonce, 401, 'use_dpop_nonce']);
    }
    key.nonce = good;
    expect((await key.send('GET', '/auth/me', { token })).status).toBe(200);
    key.nonce = good;
    app.clock.advance(250);
    expect(await key.send('GET', '/auth/me', { token })).toMatchObject({ body: { code: 'use_dpop_nonce' } });
  });
});
