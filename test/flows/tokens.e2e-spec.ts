import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/platform/config/config.js';
import { TestApp } from '../support/create-app.js';

const ISSUER = 'https://auth.example.com';
const SECRET = 'hT8GmGwoVQvCcRwZ2mWkqJ4Vn3r6Yt1bXzE5uLs9aPo=';

const segment = (token: string, index: number): string =>
  Buffer.from(token.split('.')[index]!, 'base64url').toString('utf8');
const claimsOf = (token: string) => JSON.parse(segment(token, 1)) as Record<string, unknown>;

let app: TestApp;
const start = async (environment: Environment = {}): Promise<void> => {
  app = await TestApp.start({ PUBLIC_URL: ISSUER, RATE_LIMITS: 'false', ...environment });
};
const mint = async (email = 'alice@example.com') => (await app.signedInUser({ email })).tokens.access_token;
const me = (token: string) => app.http.get('/auth/me', { token });
const verify = async (token: string, options: JWTVerifyOptions = {}) => {
  const { body } = await app.http.get<JSONWebKeySet>('/.well-known/jwks.json');
  return jwtVerify(token, createLocalJWKSet(body), {
    issuer: ISSUER,
    audience: 'api',
    typ: 'at+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
    ...options,
  });
};

describe('an access token with the default settings', () => {
  beforeAll(() => start());
  afterAll(() => app.close());

  it('is at most 480 bytes', async () => {
    expect(Buffer.byteLength(await mint())).toBeLessThanOrEqual(480);
  });

  it('has exactly the header alg, typ and kid', async () => {
    expect(segment(await mint('header@example.com'), 0)).toMatch(
      /^\{"alg":"ES256","typ":"at\+jwt","kid":"[\w-]{8}"\}$/,
    );
  });

  it('states exactly the claims of the contract, in their order', async () => {
    const { user, tokens } = await app.signedInUser({ email: 'Bob@Example.com', roles: ['user', 'auditor'] });
    const claims = claimsOf(tokens.access_token);
    expect(Object.keys(claims)).toEqual('iss sub aud exp iat jti client_id sid roles email'.split(' '));
    expect(claims).toMatchObject({
      iss: ISSUER,
      sub: user.id,
      aud: 'api',
      jti: expect.stringMatching(/^[\w-]{12}$/),
      client_id: 'web',
      sid: expect.stringMatching(/^[\w-]{22}$/),
      roles: ['user', 'auditor'],
      email: 'Bob@Example.com',
    });
    const sessions = await app.http.get('/sessions', { token: tokens.access_token });
    expect(sessions.body).toMatchObject({ items: [{ id: claims['sid'] }] });
  });

  it('is dated in whole seconds, never ahead of the clock', async () => {
    const before = Math.floor(app.clock.now() / 1000);
    const { exp, iat } = claimsOf(await mint('time@example.com')) as { exp: number; iat: number };
    expect(Number.isInteger(iat)).toBe(true);
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(app.clock.now() / 1000);
    expect(exp - iat).toBe(600);
  });

  it('never repeats its jti', async () => {
    const { email } = await app.createUser();
    const ids = [];
    for (let n = 0; n < 10; n++) ids.push(claimsOf((await app.login(email)).access_token)['jti']);
    expect(new Set(ids).size).toBe(10);
  });

  it('is verified by a service that has nothing but the key set', async () => {
    const token = await mint('offline@example.com');
    const { payload, protectedHeader } = await verify(token);
    expect(payload).toMatchObject({ email: 'offline@example.com', roles: ['user'], client_id: 'web' });
    expect(Object.keys(protectedHeader)).toEqual(['alg', 'typ', 'kid']);
    const remote = createRemoteJWKSet(new URL(`${app.http.baseUrl}/.well-known/jwks.json`));
    expect((await jwtVerify(token, remote, { issuer: ISSUER, audience: 'api' })).payload.sub).toBe(payload.sub);
    await expect(verify(token, { audience: 'other' })).rejects.toThrow('aud');
  });
});

describe('an access token by setting', () => {
  afterEach(() => app.close());

  it('is RS256', async () => {
    await start({ JWT_ALG: 'RS256' });
    const token = await mint();
    expect(segment(token, 0)).toMatch(/^\{"alg":"RS256","typ":"at\+jwt","kid":"[\w-]{8}"\}$/);
    await expect(verify(token)).rejects.toThrow('alg');
    expect((await verify(token, { algorithms: ['RS256'] })).payload['email']).toBe('alice@example.com');
    expect((await me(token)).status).toBe(200);
  });

  it('is HS256, with the secret of the setting', async () => {
    await start({ JWT_ALG: 'HS256', JWT_SECRET: SECRET });
    const token = await mint();
    expect(segment(token, 0)).toMatch(/^\{"alg":"HS256","typ":"at\+jwt","kid":"[\w-]{8}"\}$/);
    const { payload } = await jwtVerify(token, Buffer.from(SECRET, 'base64'), { issuer: ISSUER, typ: 'at+jwt' });
    expect(payload.sub).toBeDefined();
    expect((await me(token)).status).toBe(200);
  });

  it('has typ JWT, for verifiers that refuse at+jwt', async () => {
    await start({ JWT_TYP: 'JWT' });
    const token = await mint();
    expect(segment(token, 0)).toMatch(/^\{"alg":"ES256","typ":"JWT","kid":"[\w-]{8}"\}$/);
    expect((await verify(token, { typ: 'JWT' })).payload['email']).toBe('alice@example.com');
    expect((await me(token)).status).toBe(200);
  });

  it('carries audience, client and lifetime of the settings', async () => {
    await start({ JWT_AUDIENCE: 'https://orders.example.com', JWT_CLIENT_ID: 'shop', ACCESS_TOKEN_TTL: '60m' });
    const token = await mint();
    const { payload } = await verify(token, { audience: 'https://orders.example.com' });
    expect(payload).toMatchObject({ aud: 'https://orders.example.com', client_id: 'shop' });
    expect(payload.exp! - payload.iat!).toBe(3600);
    expect(await me(token)).toMatchObject({ status: 200, body: { client_id: 'shop' } });
  });

  it('carries no e-mail address where that is switched off', async () => {
    await start({ ACCESS_TOKEN_EMAIL: 'false' });
    const token = await mint();
    expect(claimsOf(token)).not.toHaveProperty('email');
    expect(token).not.toContain(Buffer.from('alice').toString('base64url').slice(0, 6));
    expect(await me(token)).toMatchObject({ status: 200, body: { email: null, roles: ['user'] } });
  });

  it('carries no roles where that is switched off, and roles are asked for all the same', async () => {
    await start({ ACCESS_TOKEN_ROLES: 'false' });
    const admin = await app.signedInAdmin();
    const user = await app.signedInUser();
    expect(claimsOf(admin.tokens.access_token)).not.toHaveProperty('roles');
    expect((await app.http.get('/users', { token: admin.tokens.access_token })).status).toBe(200);
    expect((await app.http.get('/users', { token: user.tokens.access_token })).status).toBe(403);
    const token = admin.tokens.access_token;
    await app.http.patch(`/users/${user.user.id}`, { roles: ['user', 'admin'] }, { token });
    expect((await app.http.get('/users', { token: user.tokens.access_token })).status).toBe(200);
    expect((await me(token)).body).toMatchObject({ roles: [] });
  });
});
