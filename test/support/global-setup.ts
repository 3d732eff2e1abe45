import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#embedded-postgres-service';
import '../../src/settings.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions, openDataSource } from '../../src/platform/database/data-source.js';
import { testEnvironment } from './environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: string;
    templateDatabase: string;
  }
}

/**
 * Starts one real PostgreSQL for the whole run: `TEST_DATABASE_URL` where it is set, else the embedded one in a folder
 * of its own. The schema is migrated once into a template, from which every test file gets its own database.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const external = process.env.TEST_DATABASE_URL;
  const server = external
    ? null
    : await startEmbeddedPostgres({
        dataDirectory: directory,
        database: 'countersign',
        role: 'countersign',
        // The data is only needed during the run, and need not survive a crash of the machine.
        settings: { max_connections: '200', fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
      });
  const url = external ?? server!.url;
  const template = `template_${process.pid}`;
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${template}`);
  const templateUrl = new URL(url);
  templateUrl.pathname = `/${template}`;
  const config = loadConfig(testEnvironment({ DATABASE_URL: templateUrl.href }));
  const dataSource = await openDataSource(dataSourceOptions(config));
  await dataSource.destroy();
  project.provide('databaseServer', url);
  project.provide('templateDatabase', template);
  return async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await admin.end();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
