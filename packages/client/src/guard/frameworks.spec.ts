import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { FRAMEWORKS, type Guarded } from '../../test/guarded-services.js';
import type { VerifierOptions } from '../index.js';
import { createTestIssuer, type TestIssuer } from '../testing/index.js';

describe.each(FRAMEWORKS)('a service on %s', (_, start) => {
  let issuer: TestIssuer;
  let service: Guarded;

  async function begin() {
    issuer = createTestIssuer();
    service = await start(issuer.verifierOptions);
    await service.verifier.ready();
  }

  async function call(path: string, authorization?: string, method = 'GET') {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${service.url}${path}`, { method, headers });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  }

  const withToken = (token: string, path = '/me', method = 'GET') => call(path, `Bearer ${token}`, method);

  afterEach(async () => {
    await service.close();
    await issuer.close();
  });

  it('knows who is asking', async () => {
    await begin();
    const token = issuer.token({ subject: 'alice', roles: ['clerk'], scopes: ['a', 'b'], client: 'shop' });
    const { status, body } = await withToken(token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: 'alice', roles: ['clerk'], scopes: ['a', 'b'], client: 'shop' });
  });

  it('asks for a token, in the form of RFC 6750 and RFC 9457', async () => {
    await begin();
    for (const authorization of [undefined, 'Basic YTpi']) {
      const { status, headers, body } = await call('/me', authorization);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json(; ?charset=utf-8)?$/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        title: 'Unauthorized',
        status: 401,
        code: 'token_missing',
        detail: 'An access token is required',
      });
    }
  });

  it('refuses what is no token of the issuer', async () => {
    await begin();
    for (const token of ['abc', 'a b', issuer.token({ audience: 'other' }), `${issuer.token()}x`]) {
      const { status, headers, body } = await withToken(token);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(body.code).toBe('token_invalid');
    }
  });

  it('refuses two Authorization headers, though each is good', async () => {
    await begin();
    const authorization = `Bearer ${issuer.token()}`;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = ['Host', 'a', 'Authorization', authorization, 'Authorization', authorization];
      httpRequest(`${service.url}/me`, { headers }, resolve).once('error', reject).end();
    });
    expect(response.statusCode).toBe(401);
    expect(await text(response)).toContain('token_invalid');
  });

  it('refuses a token from the moment of its revocation, and only that', async () => {
    await begin();
    const [token, other] = [issuer.token(), issuer.token()];
    expect((await withToken(token)).status).toBe(200);
    await issuer.revokeSession(token);
    const { status, headers, body } = await withToken(token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(body.code).toBe('token_revoked');
    expect((await withToken(other)).status).toBe(200);
  });

  it('refuses an expired token', async () => {
    await begin();
    const token = issuer.token({ expiresIn: 300 });
    await issuer.advance(295);
    expect((await withToken(token)).status).toBe(200);
    await issuer.advance(10);
    expect((await withToken(token)).body.code).toBe('token_expired');
  });

  it('asks for a newer token where the feed has been lost', async () => {
    await begin();
    const token = issuer.token();
    expect((await withToken(token)).status).toBe(200);
    await issuer.goDown();
    await issuer.advance(65);
    const { status, body } = await withToken(token);
    expect([status, body.code]).toEqual([401, 'token_stale']);
    expect((await withToken(issuer.token())).status).toBe(200);
  });

  it('asks for one of the roles', async () => {
    await begin();
    const clerk = await withToken(issuer.token({ roles: ['clerk'] }), '/orders', 'DELETE');
    expect(clerk.status).toBe(200);
    const { status, headers, body } = await withToken(issuer.token({ roles: ['guest'] }), '/orders', 'DELETE');
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(body).toMatchObject({ title: 'Forbidden', status: 403, code: 'insufficient_role' });
  });

  it('asks for all of the scopes', async () => {
    await begin();
    const both = await withToken(issuer.token({ scopes: ['orders:list', 'orders:read'] }), '/orders');
    expect(both.status).toBe(200);
    const { status, body } = await withToken(issuer.token({ scopes: ['orders:read'] }), '/orders');
    expect([status, body.code]).toEqual([403, 'insufficient_scope']);
  });

  describe('that has told its URL', () => {
    const ORIGIN = 'https://orders.example.com';

    async function beginAt(options: Partial<VerifierOptions> = {}) {
      issuer = createTestIssuer();
      service = await start({ ...issuer.verifierOptions, publicUrl: ORIGIN, ...options });
      await service.verifier.ready();
    }

    async function send(path: string, headers: Record<string, string>) {
      const response = await fetch(service.url + path, { headers });
      return { status: response.status, headers: response.headers, body: (await response.json()) as { code?: string } };
    }

    it('accepts a token that is bound to a key with its proof, once', async () => {
      await beginAt();
      const key = issuer.clientKey();
      const token = issuer.token({ keyThumbprint: key.thumbprint });
      const headers = {
        authorization: `DPoP ${token}`,
        dpop: key.proof({ method: 'GET', url: `${ORIGIN}/me`, token }),
      };
      const accepted = await send('/me?x=y', headers);
      expect([accepted.status, accepted.body]).toEqual([
        200,
        expect.objectContaining({ keyThumbprint: key.thumbprint }),
      ]);
      const again = await send('/me', headers);
      expect([again.status, again.body.code]).toEqual([401, 'invalid_dpop_proof']);
      expect(again.headers.get('www-authenticate')).toMatch(/^DPoP realm="countersign", error="invalid_dpop_proof"/);
    });

    it('accepts it in no other way', async () => {
      await beginAt();
      const key = issuer.clientKey();
      const token = issuer.token({ keyThumbprint: key.thumbprint });
      const proof = (changes: { method?: string; url?: string } = {}) =>
        key.proof({ method: 'GET', url: `${ORIGIN}/me`, token, ...changes });
      const attempts: [Record<string, string>, string][] = [
        [{ authorization: `Bearer ${token}` }, 'token_bound'],
        [{ authorization: `Bearer ${token}`, dpop: proof() }, 'token_bound'],
        [{ authorization: `DPoP ${token}` }, 'invalid_dpop_proof'],
        [{ authorization: `DPoP ${token}`, dpop: proof({ url: `${service.url}/me` }) }, 'invalid_dpop_proof'],
        [{ authorization: `DPoP ${token}`, dpop: proof({ url: `${ORIGIN}/orders` }) }, 'invalid_dpop_proof'],
        [{ authorization: `DPoP ${token}`, dpop: proof({ method: 'POST' }) }, 'invalid_dpop_proof'],
        [{ authorization: `DPoP ${issuer.token()}`, dpop: proof() }, 'token_invalid'],
      ];
      for (const [headers, code] of attempts) {
        const answer = await send('/me', headers);
        expect([answer.status, answer.body.code]).toEqual([401, code]);
        expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP realm="countersign", error="/);
      }
    });

    it('serves its metadata to everybody, and names it to those whom it refuses (RFC 9728)', async () => {
      await beginAt({ resource: { scopes: ['orders:read'] } });
      const { status, headers, body } = await send('/.well-known/oauth-protected-resource', {});
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(body).toMatchObject({
        resource: ORIGIN,
        authorization_servers: [issuer.url],
        scopes_supported: ['orders:read'],
      });
      const refused = await send('/me', {});
      expect(refused.headers.get('www-authenticate')).toBe(
        `Bearer realm="countersign", resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource"`,
      );
    });

    it('serves none that it was not told', async () => {
      await beginAt();
      const answer = await fetch(`${service.url}/.well-known/oauth-protected-resource`);
      expect([401, 404]).toContain(answer.status);
    });
  });

  it('lets everybody see what is public', async () => {
    await begin();
    expect((await call('/health')).status).toBe(200);
    expect((await call('/health', 'Bearer nonsense')).status).toBe(200);
  });

  it('starts without the issuer, and answers 503', async () => {
    issuer = createTestIssuer();
    await issuer.goDown();
    service = await start({ ...issuer.verifierOptions, readyTimeout: 50 });
    const { status, headers, body } = await withToken(issuer.token());
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('www-authenticate')).toBeNull();
  });
});
