import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { loadConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions, MIGRATION_LOCK, openDataSource } from '../../src/platform/database/data-source.js';
import { MIGRATIONS } from '../../src/platform/database/migrations/migrations.js';
import { createDatabase } from '../support/database.js';
import { testEnvironment } from '../support/environment.js';
import { soon } from './service-process.js';

/** As an index on a large table. */
class Slow1999000000000 implements MigrationInterface {
  name = 'Slow1999000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE slow (made timestamptz)');
    await runner.query('SELECT pg_sleep(1)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE slow');
  }
}

let database: Awaited<ReturnType<typeof createDatabase>>;
const opened: DataSource[] = [];

beforeEach(async () => void (database = await createDatabase()));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((dataSource) => dataSource.destroy()));
  await database.drop();
});

async function open(): Promise<DataSource> {
  const options = dataSourceOptions(loadConfig(testEnvironment({ DATABASE_URL: database.url })));
  const dataSource = await openDataSource({
    ...options,
    migrations: [...MIGRATIONS, Slow1999000000000],
    extra: { statement_timeout: 300 },
  });
  opened.push(dataSource);
  return dataSource;
}

it('a step may take longer than any request, and requests have their limit afterwards', async () => {
  const { manager } = await open();
  expect(await manager.query('SELECT count(*)::int AS rows FROM slow')).toEqual([{ rows: 0 }]);
  const limits = await Promise.all([1, 2, 3].map(() => manager.query('SHOW statement_timeout')));
  expect(limits).toEqual(Array.from({ length: 3 }, () => [{ statement_timeout: '300ms' }]));
  await expect(manager.query('SELECT pg_sleep(1)')).rejects.toThrow('statement timeout');
});

it('instances that start meanwhile wait, and each step is taken once', async () => {
  await Promise.all([open(), open(), open()]);
  const [{ taken }] = await opened[0]!.query(`SELECT count(*)::int AS taken FROM migrations WHERE name LIKE 'Slow%'`);
  expect(taken).toBe(1);
});

it('an instance that waits holds up no index that another makes beside writers', async () => {
  const holder = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  opened.push(holder);
  const runner = holder.createQueryRunner();
  await runner.query('CREATE TABLE large (id int)');
  await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  const starting = open();
  // Outside of a statement: within one it keeps a snapshot, for whose end the index waits.
  const isWaiting = async () => {
    const [{ waiting }] = await holder.query<[{ waiting: boolean }]>(
      `SELECT count(*) > 0 AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT pg_try_advisory_lock%'`,
    );
    return waiting;
  };
  expect(await soon(isWaiting)).toBe(true);
  await runner.query('CREATE INDEX CONCURRENTLY large_id ON large (id)');
  await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
  await runner.release();
  await starting;
});
