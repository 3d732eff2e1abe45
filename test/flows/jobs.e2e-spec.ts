import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Database } from '../../src/platform/database/database.js';
import { Jobs, type Job } from '../../src/platform/jobs/jobs.js';
import { MovableClock } from '../support/clock.js';
import { createDatabase } from '../support/database.js';
import { testEnvironment } from '../support/environment.js';
import { Metrics } from '../../src/platform/telemetry/metrics.js';

const SOON_MS = 5;

/** A job that tells of its runs one by one. */
class Observed implements Job {
  runs = 0;
  private waiting: { count: number; reached: () => void }[] = [];

  constructor(
    readonly name: string,
    readonly onePerCluster = false,
    readonly every = SOON_MS,
    private readonly work: (run: number) => Promise<void> = () => Promise.resolve(),
  ) {}

  async run(): Promise<void> {
    this.runs += 1;
    for (const { count, reached } of this.waiting) if (this.runs >= count) reached();
    await this.work(this.runs);
  }

  reaches(count: number): Promise<void> {
    return new Promise((reached) => this.waiting.push({ count, reached }));
  }
}

describe('work that a running service repeats', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let dataSource: DataSource;
  const running: Jobs[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const config = loadConfig(testEnvironment({ DATABASE_URL: database.url }));
    dataSource = await new DataSource(dataSourceOptions(config)).initialize();
  });
  afterEach(() => Promise.all(running.splice(0).map((jobs) => jobs.onModuleDestroy())));
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  function start(...jobs: Job[]): Jobs {
    const scheduler = new Jobs(new Database(dataSource, new Metrics()), new MovableClock(), new Metrics());
    scheduler.enable();
    for (const job of jobs) scheduler.add(job);
    scheduler.onApplicationBootstrap();
    running.push(scheduler);
    return scheduler;
  }

  it('goes on after a failure, which is counted until a run succeeds', async () => {
    const job = new Observed('failing', false, SOON_MS, (run) =>
      run <= 2 ? Promise.reject(new Error('not yet')) : Promise.resolve(),
    );
    const jobs = start(job);
    await job.reaches(3);
    expect(jobs.states).toMatchObject([{ name: 'failing', runs: 0, failures: 2 }]);
    await job.reaches(4);
    expect(jobs.states).toMatchObject([{ runs: 1, failures: 0, lastEnd: expect.any(Date) }]);
  });

  it('never runs twice at a time, and the end of the service waits for the run that is under way', async () => {
    let [atOnce, most] = [0, 0];
    let finish: () => void = () => undefined;
    const job = new Observed('slow', false, 1, async (run) => {
      most = Math.max(most, ++atOnce);
      if (run === 20) await new Promise<void>((resolve) => (finish = resolve));
      else await new Promise(setImmediate);
      atOnce -= 1;
    });
    const jobs = start(job);
    await job.reaches(20);
    let ended = false;
    const end = jobs.onModuleDestroy().then(() => (ended = true));
    await new Promise(setImmediate);
    expect([ended, most]).toEqual([false, 1]);
    finish();
    await end;
    expect(job.runs).toBe(20);
  });

  it('is done by one instance for all where the job says so, 30 times over', async () => {
    for (let round = 0; round < 30; round++) {
      // Longer than the test: the lease of whoever is first is never over.
      const name = `shared-${round}`;
      const [one, other] = [new Observed(name, true), new Observed(name, true)];
      const everywhere = [new Observed('local'), new Observed('local')];
      await dataSource.query(`INSERT INTO job_leases VALUES ($1, clock_timestamp() + interval '1 hour')`, [name]);
      start(one, everywhere[0]!);
      start(other, everywhere[1]!);
      await Promise.all(everywhere.map((job) => job.reaches(3)));
      expect([one.runs, other.runs]).toEqual([0, 0]);
      const either = Promise.race([one.reaches(1), other.reaches(1)]);
      await dataSource.query('UPDATE job_leases SET leased_until = clock_timestamp() WHERE name = $1', [name]);
      await either;
      await Promise.all(running.splice(0).map((jobs) => jobs.onModuleDestroy()));
    }
  });

  it('is not done by a process that serves nobody, which no receipt waits for either', async () => {
    const config = loadConfig(testEnvironment({ DATABASE_URL: database.url }));
    const context = await NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: false });
    try {
      expect(context.get(Jobs).states.length).toBeGreaterThan(5);
      expect(context.get(Jobs)['scheduled'].some(({ timer }) => timer !== undefined)).toBe(false);
      expect(await dataSource.query('SELECT 1 FROM revocation_readers')).toEqual([]);
      const listeners = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'countersign-listener'`;
      expect(await dataSource.query(listeners)).toEqual([]);
    } finally {
      await context.close();
    }
  });
});
