import { DataSource, MigrationExecutor } from 'typeorm';
import type { Config } from '../../platform/config/config.js';
import { dataSourceOptions, poolOf } from '../../platform/database/data-source.js';
import { whatIsKept } from '../../platform/database/pooler.js';
import { startFaultOf } from '../../platform/database/start-reason.js';
import { explainStartFault } from '../../start-fault.js';
import { fail, ok, warn, type Finding } from './finding.js';

const OLDEST_VERSION = 15;
/**
 * The clock skew in seconds from which on the check warns; see `tokens/claims.ts` for the skew that verifiers accept.
 */
const WORRYING_SKEW_SECONDS = 2;

interface Facts {
  version: string;
  read_only: boolean;
  now: Date;
}

// `transaction_read_only` alone is not enough: a standby reports it only inside a transaction that began there.
const FACTS = `SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
  pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS read_only`;

/** Examines the database, its schema and its clock. Changes nothing. */
export async function checkDatabase(config: Config): Promise<Finding[]> {
  const dataSource = new DataSource(dataSourceOptions(config));
  try {
    await dataSource.initialize();
  } catch (error) {
    const fault = startFaultOf(error, 'DATABASE_URL', config.databaseUrl!, true);
    return [fail('database', explainStartFault(fault), 'Start PostgreSQL, or correct DATABASE_URL.')];
  }
  try {
    const sentAt = Date.now();
    const [facts] = (await dataSource.query(FACTS)) as [Facts];
    const tookMs = Date.now() - sentAt;
    return [
      versionOf(facts),
      facts.read_only
        ? fail('database', 'takes no writes', 'Point DATABASE_URL at the primary server, or end its read-only mode.')
        : ok('database', `takes writes, answers in ${tookMs} ms`),
      await poolerOf(dataSource, config),
      await schemaOf(dataSource),
      clockOf((facts.now.getTime() - sentAt - tookMs / 2) / 1000),
    ];
  } catch (error) {
    return [fail('database', explainStartFault(error), 'See the log of PostgreSQL.')];
  } finally {
    await dataSource.destroy();
  }
}

const versionOf = ({ version }: Facts): Finding =>
  Number.parseInt(version, 10) >= OLDEST_VERSION
    ? ok('database', `PostgreSQL ${version}`)
    : fail('database', `PostgreSQL ${version} is too old`, `Use PostgreSQL ${OLDEST_VERSION} or newer.`);

async function poolerOf(dataSource: DataSource, { databaseDirectUrl }: Config): Promise<Finding> {
  const { session, statements } = await whatIsKept(poolOf(dataSource));
  if (session) return ok('database', 'keeps what belongs to a session');
  return databaseDirectUrl === null
    ? fail('database', 'lends connections by the transaction', 'Set DATABASE_DIRECT_URL to PostgreSQL itself.')
    : ok(
        'database',
        `lends connections by the transaction, ${statements ? 'and keeps' : 'without'} prepared statements`,
      );
}

async function schemaOf(dataSource: DataSource): Promise<Finding> {
  const runner = dataSource.createQueryRunner();
  try {
    if (!(await runner.hasTable('migrations')))
      return warn('schema', 'is empty', 'The first start of the service makes it.');
    const pending = await new MigrationExecutor(dataSource, runner).getPendingMigrations();
    return pending.length === 0
      ? ok('schema', 'is up to date')
      : warn('schema', `lacks ${pending.length} of the migrations`, 'The next start of the service runs them.');
  } finally {
    await runner.release();
  }
}

function clockOf(skewSeconds: number): Finding {
  const text = `differs by ${Math.abs(skewSeconds).toFixed(1)} s from that of the database`;
  return Math.abs(skewSeconds) <= WORRYING_SKEW_SECONDS
    ? ok('clock', text)
    : warn(
        'clock',
        text,
        'Synchronise both machines by NTP; tokens state times that others judge by their own clocks.',
      );
}
