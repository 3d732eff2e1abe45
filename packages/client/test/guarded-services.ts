import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Delete, Get, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import fastify from 'fastify';
import * as onExpress from '../src/express/index.js';
import * as onFastify from '../src/fastify/index.js';
import type { Verifier, VerifierOptions } from '../src/index.js';
import { CountersignModule, CurrentPrincipal, Public, Roles, Scopes, VERIFIER } from '../src/nest/index.js';
import type { Principal } from '../src/principal.js';

export interface Guarded {
  url: string;
  verifier: Verifier;
  close(): Promise<unknown>;
}

/** Starts a service with the same four routes in one framework. */
type Start = (options: VerifierOptions) => Promise<Guarded>;

const startExpress: Start = async (options) => {
  const app = express();
  const guard = onExpress.countersign(options);
  app.get('/health', (_, response) => void response.json('ok'));
  app.use(guard.metadata);
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

/** The frameworks, each with the same service. */
export const FRAMEWORKS: [name: string, start: Start][] = [
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Nest on Express', startNest(ExpressAdapter)],
  ['Nest on Fastify', startNest(FastifyAdapter)],
];
