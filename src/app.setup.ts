import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { validationPipe } from './common/validation.js';
import { showsDocs, type Config } from './platform/config/config.js';
import { ConnectionDrain } from './platform/http/connection-drain.js';
import { acceptJsonOnly, addHeaders, createAdapter } from './platform/http/http-server.js';
import { serveDocs } from './platform/http/openapi.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { logRequests } from './platform/http/request-log.js';
import { createLogger, NestLogger } from './platform/logging/logger.js';
import { VERSION } from './version.js';

/** What `NestFactory` and `@nestjs/testing` create the application with. */
export const nestOptions = (logger: Logger) => ({
  logger: new NestLogger(logger),
  bodyParser: false,
  abortOnError: false,
});

/** The whole application over HTTP, not listening yet. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const logger = await createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    createAdapter(config),
    nestOptions(logger),
  );
  setUp(app, config, logger);
  return app;
}

/** Everything around the modules: parsers, headers, pipes, filters, Swagger. `main` and the tests share it. */
export function setUp(app: NestFastifyApplication, config: Config, logger: Logger): void {
  const fastify = app.getHttpAdapter().getInstance();
  acceptJsonOnly(fastify);
  addHeaders(fastify, config);
  app.get(ConnectionDrain).attach(fastify);
  logRequests(fastify, logger);
  app.useGlobalFilters(new ProblemFilter(config.publicUrl));
  app.useGlobalPipes(validationPipe());
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: config.corsOrigins.includes('*') ? '*' : config.corsOrigins,
      methods: ['GET', 'POST', 'PATCH', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
      exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
      maxAge: 7200,
    });
  }
  if (showsDocs(config)) serveDocs(app, VERSION);
}
