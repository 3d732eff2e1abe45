import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Delete, Get, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import * as onExpress from '../express/index.js';
import * as onFastify from '../fastify/index.js';
import type { Principal } from '../principal.js';
import type { Verifier, VerifierOptions } from '../index.js';
import { CountersignModule, CurrentPrincipal, Public, Roles, Scopes, VERIFIER } from '../nest/index.js';
import { createTestIssuer, type TestIssuer } from '../testing/index.js';

interface Guarded {
  url: string;
  verifier: Verifier;
  close(): Promise<unknown>;
}

/** The same four routes in every framework. */
type Start = (options: VerifierOptions) => Promise<Guarded>;

const startExpress: Start = async (options) => {
  const app = express();
  const guard = onExpress.countersign(options);
  app.get('/health', (_, response) => void response.json('ok'));
  app.use(guard);
  app.get('/me', (request, response) => void response.json(request.principal));
  app.get('/orders', onExpress.requireScopes('orders:read', 'orders:list'), (_, response) => void response.json([]));
  app.delete('/orders', onExpress.requireRoles('admin', 'clerk'), (_, response) => void response.json('gone'));
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    verifier: guard.verifier,
    close: () => Promise.all([guard.verifier.close(), new Promise((resolve) => server.close(resolve))]),
  };
};

const startFastify: Start = async (options) => {
  const app = fastify();
  void app.register(onFastify.countersign, options);
  app.get('/health', { config: { access: 'public' } }, () => '"ok"');
  app.get('/me', (request) => request.principal);
  app.get('/orders', { config: { access: { scopes: ['orders:read', 'orders:list'] } } }, () => []);
  app.delete('/orders', { config: { access: { roles: ['admin', 'clerk'] } } }, () => '"gone"');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, verifier: app.verifier, close: () => app.close() };
};

@Controller()
class ShopController {
  @Public()
  @Get('health')
  health() {
    return '"ok"';
  }

  @Get('me')
  me(@CurrentPrincipal() principal: Principal) {
    return principal;
  }

  @Scopes('orders:read', 'orders:list')
  @Get('orders')
  list() {
    return [];
  }

  @Roles('admin', 'clerk')
  @Delete('orders')
  remove() {
    return '"gone"';
  }
}

const startNest =
  (Adapter: Type<ExpressAdapter | FastifyAdapter>): Start =>
  async (options) => {
    @Module({ imports: [CountersignModule.forRoot(options)], controllers: [ShopController] })
    class ShopModule {}

    const app: INestApplication = await NestFactory.create(ShopModule, new Adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return { url: await app.getUrl(), verifier: app.get<Verifier>(VERIFIER), close: () => app.close() };
  };

describe.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Nest on Express', startNest(ExpressAdapter)],
  ['Nest on Fastify', startNest(FastifyAdapter)],
])('a service on %s', (_, start) => {
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
