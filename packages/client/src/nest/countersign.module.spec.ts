import {
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  HttpException,
  Module,
  type ArgumentsHost,
  type INestApplication,
} from '@nestjs/common';
import { HttpAdapterHost, NestFactory, Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestIssuer, type TestIssuer } from '../testing/index.js';
import {
  COUNTERSIGN_OPTIONS,
  CountersignGuard,
  CountersignModule,
  CurrentPrincipal,
  Public,
  VERIFIER,
} from './index.js';
import { VerifierUnavailableError, type Verifier } from '../index.js';

@Controller()
class MeController {
  @Get()
  me() {
    return 'me';
  }

  @Public()
  @Get('misused')
  misused(@CurrentPrincipal() principal: unknown) {
    return principal;
  }
}

let issuer: TestIssuer;
let app: INestApplication | undefined;

beforeEach(() => void (issuer = createTestIssuer()));
afterEach(async () => {
  await app?.close();
  app = undefined;
  await issuer.close();
});

async function open(countersign: DynamicModule, filter?: ExceptionFilter): Promise<INestApplication> {
  @Module({ imports: [countersign], controllers: [MeController] })
  class AppModule {}
  app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false, abortOnError: false });
  if (filter) app.useGlobalFilters(filter);
  await app.listen(0, '127.0.0.1');
  return app;
}

async function statusOf(path = '/', token?: string): Promise<number> {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  return (await fetch(`${await app!.getUrl()}${path}`, { headers })).status;
}

describe('CountersignModule', () => {
  it('takes options that others provide', async () => {
    await open(
      CountersignModule.forRootAsync({ useFactory: async () => ({ ...issuer.verifierOptions, awaitReady: true }) }),
    );
    expect(issuer.connectedVerifiers).toBe(1);
    expect(await statusOf()).toBe(401);
    expect(await statusOf('/', issuer.token())).toBe(200);
  });

  it('does not start without the issuer where it is told to wait for it', async () => {
    await issuer.goDown();
    const options = { ...issuer.verifierOptions, awaitReady: true, readyTimeout: 50 };
    await expect(open(CountersignModule.forRoot(options))).rejects.toThrow(VerifierUnavailableError);
  });

  it('lets a test put its own issuer in the place of the real one', async () => {
    const module = await Test.createTestingModule({
      imports: [CountersignModule.forRoot({ issuer: 'https://auth.example.com', audience: 'shop' })],
      controllers: [MeController],
    })
      .overrideProvider(COUNTERSIGN_OPTIONS)
      .useValue(issuer.verifierOptions)
      .compile();
    app = module.createNestApplication(new ExpressAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    expect(await statusOf('/', issuer.token())).toBe(200);
  });

  it('closes the verifier with the application', async () => {
    const { verifierOptions } = issuer;
    const opened = await open(CountersignModule.forRoot(verifierOptions));
    await opened.get<Verifier>(VERIFIER).ready();
    expect(issuer.connectedVerifiers).toBe(1);
    await opened.close();
    app = undefined;
    expect(issuer.connectedVerifiers).toBe(0);
  });

  it('keeps status and challenge where the application renders its errors itself', async () => {
    @Catch()
    class OwnFilter {
      catch(error: unknown, host: ArgumentsHost) {
        const status = error instanceof HttpException ? error.getStatus() : 500;
        host.switchToHttp().getResponse<Response>().status(status).json({ oops: status });
      }
    }
    const opened = await open(CountersignModule.forRoot(issuer.verifierOptions), new OwnFilter());
    const response = await fetch(await opened.getUrl());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
    expect(await response.json()).toEqual({ oops: 401 });
  });

  it('refuses what comes another way than HTTP', async () => {
    const opened = await open(CountersignModule.forRoot(issuer.verifierOptions));
    const guard = new CountersignGuard(new Reflector(), opened.get(HttpAdapterHost), opened.get(VERIFIER));
    const context = new ExecutionContextHost([{ rawHeaders: [] }], MeController, MeController.prototype.me);
    context.setType('rpc');
    await expect(guard.canActivate(context)).rejects.toThrow('An access token is required');
  });

  it('says so where a public route asks for its principal', async () => {
    await open(CountersignModule.forRoot(issuer.verifierOptions));
    expect(await statusOf('/misused', issuer.token())).toBe(500);
  });
});
