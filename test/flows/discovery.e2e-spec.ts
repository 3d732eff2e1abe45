import { createPublicKey } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm } from '../support/service-account.js';

interface Jwks {
  keys: Record<string, string>[];
}
interface Metadata {
  issuer: string;
  jwks_uri: string;
  [name: string]: unknown;
}
const JWKS = '/.well-known/jwks.json';
const DOCUMENTS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

describe('a service finds the keys', () => {
  let app: TestApp;
  afterEach(() => app.close());

  it('in a key set that holds public members alone', async () => {
    app = await TestApp.start();
    const { status, headers, body } = await app.http.get<Jwks>(JWKS);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json/);
    expect(body.keys).toHaveLength(1);
    const [key] = body.keys;
    expect(Object.keys(key!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
  });

  it('of RSA, with its two members', async () => {
    app = await TestApp.start({ JWT_ALG: 'RS256' });
    const { body } = await app.http.get<Jwks>(JWKS);
    expect(body.keys).toHaveLength(1);
    const [key] = body.keys;
    expect(Object.keys(key!).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
    expect(Buffer.from(key!['n']!, 'base64url').length).toBe(256);
  });

  it('which browsers and CDNs may keep for five minutes', async () => {
    app = await TestApp.start({ CORS_ORIGINS: 'https://app.example.com' });
    const headers = { origin: 'https://somewhere.example' };
    for (const path of [JWKS, ...DOCUMENTS]) {
      const answer = await app.http.get(path, { headers });
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  it('and asks again cheaply: 304 until the keys change', async () => {
    app = await TestApp.start();
    const first = await app.http.get(JWKS);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]+"$/);
    const ask = (value: string) => app.http.get(JWKS, { headers: { 'if-none-match': value } });

    // RFC 9110 13.1.2: a list, compared weakly, since a compressing proxy weakens the tag.
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await ask(value);
      expect([value, answer.status, answer.text]).toEqual([value, 304, '']);
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    expect((await ask('"other"')).status).toBe(200);

    await app.app.get(KeyRotationService).rotate(BY_TEST);
    const changed = await ask(etag);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('as PEM, where it knows no key sets', async () => {
    app = await TestApp.start();
    const { body } = await app.http.get<Jwks>(JWKS);
    const { kid, use: _use, alg: _alg, ...jwk } = body.keys[0]!;
    const pem = await app.http.get(`/keys/${kid}.pem`);
    expect(pem.status).toBe(200);
    expect(pem.headers.get('content-type')).toContain('application/x-pem-file');
    expect(pem.headers.get('cache-control')).toBe('public, max-age=300');
    expect(pem.headers.get('access-control-allow-origin')).toBe('*');
    expect(createPublicKey(pem.text).export({ format: 'jwk' })).toEqual(jwk);
    expect(pem.text).not.toContain('PRIVATE');
    for (const path of ['/keys/unknown.pem', `/keys/${kid}`, `/keys/${kid}.der`, '/keys/..pem']) {
      expect(await app.http.get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('by either name of the metadata, which announces only what exists', async () => {
    app = await TestApp.start({ PUBLIC_URL: 'https://auth.example.com' });
    const [openid, oauth] = await Promise.all(DOCUMENTS.map((path) => app.http.get<Metadata>(path)));
    expect(openid!.status).toBe(200);
    expect(oauth!.body).toEqual(openid!.body);
    expect(openid!.body).toMatchObject({
      issuer: 'https://auth.example.com',
      jwks_uri: 'https://auth.example.com/.well-known/jwks.json',
      authorization_endpoint: 'https://auth.example.com/oauth/authorize',
      userinfo_endpoint: 'https://auth.example.com/oauth/userinfo',
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    expect(await missingOf(openid!.body)).toEqual([]);
  });

  it('and no Swagger UI where that is switched off', async () => {
    app = await TestApp.start({ NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com' });
    expect(await missingOf((await app.http.get<Metadata>(DOCUMENTS[0]!)).body)).toEqual([]);
  });

  it('and the issuer of the settings, whatever Host a request names', async () => {
    app = await TestApp.start({ PUBLIC_URL: 'https://auth.example.com' });
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      forwarded: 'host=evil.example',
    };
    for (const path of DOCUMENTS) {
      expect((await app.http.get<Metadata>(path, { headers })).text).not.toContain('evil');
    }
  });

  it('nowhere with HS256: the set is empty, and there is nothing to rotate', async () => {
    app = await TestApp.start({ JWT_ALG: 'HS256', JWT_SECRET: 'hT8GmGwoVQvCcRwZ2mWkqJ4Vn3r6Yt1bXzE5uLs9aPo=' });
    expect((await app.http.get<Jwks>(JWKS)).body).toEqual({ keys: [] });
    const { tokens } = await app.signedInAdmin();
    const { kid } = decodeToken(tokens.access_token).header;
    expect((await app.http.get(`/keys/${kid}.pem`)).status).toBe(404);
    for (const body of [{}, { emergency: true }]) {
      const answer = await app.http.post('/keys/rotate', body, { token: tokens.access_token });
      expect(answer).toMatchObject({ status: 409, body: { code: 'keys_not_rotatable' } });
    }
  });

  /** The URLs of the document that lead nowhere. */
  async function missingOf({ issuer, ...rest }: Metadata): Promise<string[]> {
    const urls = Object.values(rest).filter((value): value is string => String(value).startsWith(issuer));
    const missing: string[] = [];
    for (const url of urls) {
      const path = url.slice(issuer.length);
      // What speaks OAuth is asked by a form, and says what is missing in it.
      const { status } = path.startsWith('/oauth/') ? await sendForm(app, path, { x: '' }) : await app.http.get(path);
      if (status === 404 || (!path.startsWith('/oauth/') && status !== 200)) missing.push(url);
    }
    return missing;
  }
});

describe('a client finds out how to be let in', () => {
  let app: TestApp;
  afterEach(() => app.close());

  it('by the challenge that it is refused with, and what that points to (RFC 9728)', async () => {
    app = await TestApp.start({ PUBLIC_URL: 'https://auth.example.com' });
    const url = 'https://auth.example.com/.well-known/oauth-protected-resource';
    for (const [path, token] of [
      ['/users/me', undefined],
      ['/users/me', 'nonsense'],
      ['/clients', (await app.signedInUser()).tokens.access_token],
    ] as const) {
      const challenge = (await app.http.get(path, { token })).headers.get('www-authenticate');
      expect(challenge).toMatch(/^Bearer /);
      expect(challenge).toContain(`resource_metadata="${url}"`);
    }
    const { status, headers, body } = await app.http.get<Metadata>(new URL(url).pathname);
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(body).toMatchObject({
      resource: 'https://auth.example.com',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: expect.arrayContaining([
        'introspect',
        'ssf.manage',
        'ssf.read',
        'revocations:read',
      ]) as string[],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
    });
    // A gateway asks in the name of another resource, which we know nothing of.
    const verdict = await app.http.get('/gateway/verify');
    expect(verdict.headers.get('www-authenticate')).toBe('Bearer');
  });
});
