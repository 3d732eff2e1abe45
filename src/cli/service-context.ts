import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { runningPostgresUrl, startEmbeddedPostgres, type EmbeddedPostgres } from '#embedded-postgres-service';
import { AppModule } from '../app.module.js';
import { loadConfig, readEnvironment, type Config } from '../platform/config/config.js';
import { embeddedOptions } from '../platform/database/embedded-options.js';
import { createLogger, NestLogger } from '../platform/logging/logger.js';
import { tell } from './command.js';

/**
 * Runs `work` with the configuration of a service on this machine, and starts its embedded database where it does not
 * run.
 */
export async function withConfig<T>(work: (config: Config) => Promise<T>): Promise<T> {
  const environment = readEnvironment();
  const settings = loadConfig(environment);
  if (settings.databaseUrl) return work(settings);
  let embedded: EmbeddedPostgres | undefined;
  let url = runningPostgresUrl(embeddedOptions(settings));
  if (url === null) {
    tell(`Starting the embedded PostgreSQL in ${settings.dataDirectory} …`);
    embedded = await startEmbeddedPostgres(embeddedOptions(settings));
    url = embedded.url;
  }
  try {
    return await work(loadConfig({ ...environment, DATABASE_URL: url }));
  } finally {
    await embedded?.stop();
  }
}

/**
 * Runs `work` with the modules of the service, without timers, listeners or an HTTP server. Like an instance, it brings
 * the schema up to date first.
 */
export async function withContext<T>(
  config: Config,
  work: (context: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const log = await createLogger({ ...config, logLevel: 'warn' }, pino.destination({ dest: 2, sync: true }));
  const context = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(log),
    abortOnError: false,
  });
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}
