import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { INestMicroservice } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#embedded-postgres-service';
import { createApp, openExtAuthz, openMetrics } from './app.setup.js';
import { StartRecord } from './audit/start-record.js';
import { FirstAdminService } from './auth/first-admin.js';
import { banner } from './banner.js';
import { loadConfig, readEnvironment, type Config, type Environment } from './platform/config/config.js';
import { embeddedOptions } from './platform/database/embedded-options.js';
import { ConnectionDrain } from './platform/http/connection-drain.js';
import { createLogger } from './platform/logging/logger.js';
import type { MetricsServer } from './platform/telemetry/metrics-server.js';
import { explainStartFault } from './start-fault.js';
import { VERSION } from './version.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Starts the service, or reports why it cannot and ends the process. */
export async function serve(): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`\nCountersign cannot start.\n${explainStartFault(error)}\n`);
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const environment = await choosePort(readEnvironment());
  const settings = loadConfig(environment);
  const logger = await createLogger(settings);
  // Node ends the process afterwards, as it does without this listener.
  process.on('uncaughtExceptionMonitor', (err, origin) => logger.fatal({ event: 'process_failed', origin, err }));
  const embedded = settings.databaseUrl ? null : await startDatabase(settings, logger);
  const config = embedded ? loadConfig({ ...environment, DATABASE_URL: embedded.url }) : settings;
  try {
    if (!embedded) say('Connecting to PostgreSQL and bringing the schema up to date …');
    const app = await createApp(config, logger);
    await app.init();
    await app.get(StartRecord).write(VERSION);
    const firstAdmin = await app.get(FirstAdminService).createIfEmpty();
    const metrics = await openMetrics(app, config);
    await app.listen(config.port, config.host);
    const extAuthz = await openExtAuthz(app, config);
    stopOnSignals({ app, extAuthz, metrics, embedded, logger }, config.shutdownGrace);
    // Earlier log lines are written first, so that the banner is the last thing that a person reads.
    await new Promise<void>((resolve) => logger.flush(() => resolve()));
    say(banner({ version: VERSION, config, url: await app.getUrl(), embedded: embedded !== null, firstAdmin }));
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/**
 * Chooses a free port where PORT is 0. That happens first, because the port is part of the issuer of all tokens unless
 * PUBLIC_URL is set.
 */
async function choosePort(environment: Environment): Promise<Environment> {
  const { port, host } = loadConfig(environment);
  if (port !== 0 || environment['PUBLIC_URL']) return environment;
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  await once(probe.close(), 'close');
  return { ...environment, PORT: String(free) };
}

function startDatabase(config: Config, logger: Logger): Promise<EmbeddedPostgres> {
  say(`Starting the embedded PostgreSQL in ${config.dataDirectory} …`);
  return startEmbeddedPostgres({
    ...embeddedOptions(config),
    // There are many routine lines. Important ones state their severity.
    log: (line) =>
      logger[/FATAL|PANIC|unexpectedly|left behind/.test(line) ? 'warn' : 'debug']({ context: 'PostgreSQL' }, line),
  });
}

interface Running {
  app: NestFastifyApplication;
  extAuthz: INestMicroservice | null;
  metrics: MetricsServer | null;
  embedded: EmbeddedPostgres | null;
  logger: Logger;
}

function stopOnSignals({ app, extAuthz, metrics, embedded, logger }: Running, grace: number): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    logger.info({ event: 'process_signalled', signal });
    if (stopping) return;
    stopping = true;
    // Requests that take longer than the grace period are cut, so that the process ends in time.
    setTimeout(() => {
      logger.error({ event: 'process_cut', signal }, `Stopping took longer than SHUTDOWN_GRACE (${grace} s)`);
      process.exit(1);
    }, grace * 1000).unref();
    await app.get(ConnectionDrain).begin();
    // Closed after HTTP has drained: until then /health/ready tells Envoy to use another instance.
    await extAuthz?.close();
    await app.close();
    metrics?.close();
    await embedded?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}
