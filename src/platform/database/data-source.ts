import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import {
  DataSource,
  MigrationExecutor,
  type DataSourceOptions,
  type EntitySchema,
  type MixedList,
  type QueryRunner,
} from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { StartFault } from '../../common/errors.js';
import type { Config } from '../config/config.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { LIMITS } from './limits.js';
import { whatIsKept } from './pooler.js';
import { closeSilentConnections } from './silent-connections.js';
import { reasonOf, startFaultOf } from './start-reason.js';

const logger = new Logger('Database');

// The lock keeps two instances that start together from migrating together. The number is arbitrary, but must stay the
// same.
export const MIGRATION_LOCK = 7_262_001;

/** How long a database may take to start, in milliseconds. */
const PATIENCE_MS = 30_000;

type Entities = MixedList<string | (new () => object) | EntitySchema>;

// A pooler in transaction mode refuses such parameters, or passes the connection with them to other clients.
const sessionLimits = () => ({
  statement_timeout: LIMITS.statement,
  lock_timeout: LIMITS.lock,
  idle_in_transaction_session_timeout: LIMITS.idleTransaction,
});

export function dataSourceOptions(config: Config, entities: Entities = []): DataSourceOptions {
  return {
    type: 'postgres',
    url: config.databaseUrl!,
    entities,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    applicationName: 'countersign',
    poolSize: config.databasePoolSize,
    connectTimeoutMS: LIMITS.connection,
    extra: {
      ...(config.databaseDirectUrl === null && sessionLimits()),
      keepAlive: true,
      idleTimeoutMillis: 60_000,
    },
    installExtensions: false,
    logging: false,
  };
}

/**
 * Connects and brings the schema up to date. Waits half a minute for a database that is starting. `directUrl` bypasses
 * a pooler, for work that needs a session.
 */
export async function openDataSource(options: DataSourceOptions, directUrl: string | null = null): Promise<DataSource> {
  const { url } = options as { url: string };
  const dataSource = await patiently('DATABASE_URL', url, async () => {
    const opened = await connect(options);
    return directUrl === null ? thenMigrated(opened, 'DATABASE_URL') : opened;
  });
  try {
    if (directUrl !== null) {
      const direct = { ...options, url: directUrl, poolSize: 2 } as DataSourceOptions;
      await patiently('DATABASE_DIRECT_URL', directUrl, async () => {
        const opened = await thenMigrated(await connect(direct), 'DATABASE_DIRECT_URL');
        await opened.destroy();
      });
      await acceptPooler(poolOf(dataSource));
    }
    closeSilentConnections(poolOf(dataSource));
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

const connect = (options: DataSourceOptions): Promise<DataSource> => new DataSource(options).initialize();

async function thenMigrated(dataSource: DataSource, setting: string): Promise<DataSource> {
  try {
    if (!(await whatIsKept(poolOf(dataSource))).session) throw new StartFault(`${setting} ${LENDS} ${REMEDY[setting]}`);
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

const LENDS = 'leads to a pooler that lends connections by the transaction (PgBouncer: pool_mode=transaction).';
const REMEDY: Record<string, string> = {
  DATABASE_URL:
    'Set DATABASE_DIRECT_URL to PostgreSQL itself, for migrations, locks and LISTEN, or let the pooler lend by the session.',
  DATABASE_DIRECT_URL: 'It must lead to PostgreSQL itself.',
};

async function acceptPooler(pool: Pool): Promise<void> {
  const { statements } = await whatIsKept(pool);
  if (!statements) {
    withoutStatements.add(pool);
    logger.log('The pooler keeps no prepared statements (PgBouncer 1.21: max_prepared_statements); going on without.');
  }
  const { rows } = await pool.query<{ limit: string }>(`SELECT current_setting('statement_timeout') AS limit`);
  if (rows[0]!.limit === '0') {
    logger.warn(
      `PostgreSQL ends no statement that takes too long: behind a pooler, set the limit for the role (ALTER ROLE … SET statement_timeout = ${LIMITS.statement}).`,
    );
  }
}

/** Pools whose connections do not keep prepared statements from one round trip to the next. */
export const withoutStatements = new WeakSet<Pool>();

async function patiently<T>(setting: string, url: string, open: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (error instanceof Error && /unsupported startup parameter/.test(error.message))
        throw new StartFault(`${setting} leads to a pooler that refuses limits of a session. ${REMEDY[setting]}`);
      const isAway = isConnectionFailure(error);
      if (Date.now() > deadline || !isAway) throw startFaultOf(error, setting, url, isAway);
      if (attempt % 10 === 0)
        logger.warn(`PostgreSQL cannot be reached yet (${reasonOf(error as Error, url)}); trying again …`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Returns the pool of a data source. */
export const poolOf = (dataSource: DataSource): Pool => (dataSource.driver as PostgresDriver).master as Pool;

async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    // Creating an index on a large table takes minutes, and so does waiting for the instance that creates it.
    await runner.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await lockMigrations(runner);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    const { length } = await executor.getPendingMigrations();
    if (length === 0) return;
    logger.log(`Bringing the schema up to date, ${length === 1 ? 'one step' : `${length} steps`} …`);
    await executor.executePendingMigrations();
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => undefined);
    await runner.query('RESET statement_timeout; RESET lock_timeout').catch(() => undefined);
    await runner.release();
  }
}

async function lockMigrations(runner: QueryRunner): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const [{ free }] = (await runner.query(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS free`)) as [
      { free: boolean },
    ];
    if (free) return;
    if (attempt === 0) logger.log('Another instance brings the schema up to date; waiting for it …');
    // The wait is not inside a statement, because CREATE INDEX CONCURRENTLY waits for all statements that began before.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

// PostgreSQL's classes: 08 connection exception, 53 insufficient resources, 57P0x shutdown and start-up, 57014, 55P03
// and 25P03 one of our time limits, 25006 a standby that does not take writes yet, 40001 and 40P01 lost races.
const PASSING_SQLSTATE = /^(08...|53...|57P0[1-5]|57014|25006|25P03|40001|40P01|55P03)$/;
const SOCKET_ERROR = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const CLIENT_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|uery runner (was )?already released|Cannot use a pool after calling end|Connection ended/;

/** Tells whether an error means that the database cannot be reached or is too busy, and is no mistake of ours. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionFailure);
  const { code, syscall, driverError } = error as Error & { code?: unknown; syscall?: unknown; driverError?: unknown };
  if (driverError !== undefined && driverError !== error && isConnectionFailure(driverError)) return true;
  if (typeof code === 'string' && (PASSING_SQLSTATE.test(code) || SOCKET_ERROR.test(code))) return true;
  // The Unix socket is missing; any other missing file is a mistake of ours.
  if (code === 'ENOENT' && syscall === 'connect') return true;
  return CLIENT_MESSAGE.test(error.message);
}

/** Tells whether an error is the violation of this unique constraint or index. */
export function violates(error: unknown, constraint: string): boolean {
  const { driverError } = error as { driverError?: { code?: string; constraint?: string } };
  return driverError?.code === '23505' && driverError.constraint === constraint;
}
