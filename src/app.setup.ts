import { fileURLToPath } from 'node:url';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { COOKIE_SECURITY } from './auth/auth.openapi.js';
import { swaggerOptionsOf } from './auth/swagger-page.js';
import { validationPipe } from './common/validation.js';
import { VerdictService } from './gateway/verdict.service.js';
import { refusalAt } from './gateway/refusal.js';
import { VerdictEndpoint } from './gateway/verdict.endpoint.js';
import { VERDICT_PATHS } from './gateway/verdict.openapi.js';
import { CLIENT_SECURITY } from './oauth/oauth.openapi.js';
import { challengesOf } from './oauth/protocol/challenge.js';
import { showsDocs, type Config } from './platform/config/config.js';
import { AnswerLimit } from './platform/http/answer-limit.js';
import { acceptDeclaredBodies } from './platform/http/request/body-types.js';
import { ConnectionDrain } from './platform/http/connection-drain.js';
import { answerOtherMethods } from './platform/http/routes/allowed-methods.js';
import { allowOrigins } from './platform/http/origins/cross-origin.js';
import { addCommonHeaders } from './platform/http/common-headers.js';
import { createAdapter } from './platform/http/http-server.js';
import { createOpenApi, serveDocs } from './platform/http/openapi/openapi.js';
import { Jobs } from './platform/jobs/jobs.js';
import { ProblemFilter } from './platform/http/problems/problem.filter.js';
import { logRequests } from './platform/http/request/request-log.js';
import { NestLogger } from './platform/logging/logger.js';
import { Metrics } from './platform/telemetry/metrics.js';
import type { MetricsServer } from './platform/telemetry/metrics-server.js';
import { RequestMetrics } from './platform/telemetry/request-metrics.js';
import { TAGS } from './tags.js';
import { BEARER_SECURITY } from './tokens/tokens.openapi.js';
import { VERSION } from './version.js';

/** Returns the options with which `NestFactory` and `@nestjs/testing` create the application. */
export const nestOptions = (logger: Logger) => ({
  logger: new NestLogger(logger),
  bodyParser: false,
  abortOnError: false,
});

/** Creates the whole application over HTTP, which does not listen yet. */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    createAdapter(config, refusalAt),
    nestOptions(logger),
  );
  setUp(app, config, logger);
  return app;
}

/**
 * Sets up everything around the modules: parsers, headers, pipes, filters, Swagger. The service and the tests share it.
 */
export function setUp(app: NestFastifyApplication, config: Config, logger: Logger): void {
  app.get(Jobs).enable();
  const fastify = app.getHttpAdapter().getInstance();
  if (config.metricsPort !== null) app.get(RequestMetrics).attach(fastify);
  acceptDeclaredBodies(fastify);
  addCommonHeaders(fastify, config);
  answerOtherMethods(fastify);
  app.get(VerdictEndpoint).attach(fastify);
  allowOrigins(app, config);
  app.get(ConnectionDrain).attach(fastify);
  app.get(AnswerLimit).attach(fastify);
  logRequests(fastify, logger);
  app.useGlobalFilters(new ProblemFilter(config.publicUrl, challengesOf(config)));
  app.useGlobalPipes(validationPipe());
  if (showsDocs(config)) {
    serveDocs(app, {
      create: () => openApiOf(app),
      options: swaggerOptionsOf(config),
      guides: new URL('../docs/', import.meta.url),
    });
  }
}

/** Opens the gRPC port for Envoy. Returns null where it is off, and then does not load its code. */
export async function openExtAuthz(app: NestFastifyApplication, config: Config): Promise<INestMicroservice | null> {
  if (config.extAuthzPort === null) return null;
  const server = await import('./gateway/ext-authz/ext-authz.server.js');
  // Resolved from this file, because a build has all code in one file of this folder.
  const proto = fileURLToPath(new URL('gateway/ext-authz/ext-authz.proto', import.meta.url));
  return server.openExtAuthz(config, app.get(VerdictService), proto);
}

/** Opens the port of the metrics. Returns null where it is off, and then does not load its code. */
export async function openMetrics(app: NestFastifyApplication, config: Config): Promise<MetricsServer | null> {
  if (config.metricsPort === null) return null;
  const server = await import('./platform/telemetry/metrics-server.js');
  return server.openMetricsServer(config, app.get(Metrics), app.get(RequestMetrics));
}

/** Creates the OpenAPI document of the whole application. */
export const openApiOf = (app: NestFastifyApplication): OpenAPIObject =>
  createOpenApi(app, {
    version: VERSION,
    tags: TAGS,
    securitySchemes: { ...BEARER_SECURITY, ...CLIENT_SECURITY, ...COOKIE_SECURITY },
    paths: VERDICT_PATHS,
  });
