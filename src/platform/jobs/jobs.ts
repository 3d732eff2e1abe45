import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { Metrics } from '../telemetry/metrics.js';
import { addJobMetrics } from './job-metrics.js';

/**
 * The part of the interval by which runs may start early, so that instances that started together do not all run at the
 * same time.
 */
const JITTER = 0.1;
/** The part of the interval that a lease lasts: it ends before the next run of its holder, whatever the jitter. */
const LEASE = 0.8;

// All times are by the clock of the database, which all instances share.
const CLAIM: Statement = {
  name: 'job_claim',
  text: `INSERT INTO job_leases (name, leased_until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET leased_until = excluded.leased_until
      WHERE job_leases.leased_until <= clock_timestamp() RETURNING true AS claimed`,
};

/** Work that a running service repeats. */
export interface Job {
  /** Names the job in the log, in metrics and in leases, e.g. `sessions-purge`. Unique. */
  readonly name: string;
  /** The longest pause between two runs, in milliseconds. */
  readonly every: number;
  /** Whether one instance does the work for all: the others skip their run while it holds the lease. */
  readonly onePerCluster?: boolean;
  run(): Promise<void> | void;
}

/** The result of a job's runs in this process. Times are null before the first run. */
export interface JobState {
  readonly name: string;
  readonly runs: number;
  /** Failures in a row; 0 after a run that succeeded. */
  readonly failures: number;
  readonly lastStart: Date | null;
  readonly lastEnd: Date | null;
}

interface Scheduled {
  readonly job: Job;
  state: JobState;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
}

/**
 * Repeats work at intervals, from the start of the service to its end. A run never overlaps with the one before. A
 * process that has not called `enable`, like the command line, runs no jobs.
 */
@Injectable()
export class Jobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Jobs.name);
  private readonly scheduled: Scheduled[] = [];
  private stopped = false;
  private inService = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    addJobMetrics(metrics, () => this.states);
  }

  /** Whether this process serves requests: then it runs jobs, listens to other instances and counts as one itself. */
  get enabled(): boolean {
    return this.inService;
  }

  /** Makes this process one that runs jobs. Must be called before the application is initialised. */
  enable(): void {
    this.inService = true;
  }

  /** Adds a job. Must be called before the application has started. */
  add(job: Job): void {
    if (this.scheduled.some(({ state }) => state.name === job.name)) throw new Error(`two jobs named ${job.name}`);
    this.scheduled.push({
      job,
      state: { name: job.name, runs: 0, failures: 0, lastStart: null, lastEnd: null },
    });
  }

  get states(): readonly JobState[] {
    return this.scheduled.map(({ state }) => state);
  }

  onApplicationBootstrap(): void {
    if (this.inService) for (const each of this.scheduled) this.schedule(each);
  }

  /** Starts no further run, and waits for those under way. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.scheduled) clearTimeout(timer);
    await Promise.all(this.scheduled.flatMap(({ running }) => running ?? []));
  }

  private schedule(each: Scheduled): void {
    if (this.stopped) return;
    const pause = each.job.every * (1 - JITTER * Math.random());
    each.timer = setTimeout(() => {
      each.running = this.run(each).finally(() => this.schedule(each));
    }, pause).unref();
  }

  private async run(each: Scheduled): Promise<void> {
    const { job, state } = each;
    const lastStart = this.clock.date();
    try {
      if (job.onePerCluster && !(await this.claims(job))) return;
      await job.run();
      if (state.failures > 0) this.logger.log(`The job ${job.name} works again`);
      each.state = { ...state, runs: state.runs + 1, failures: 0, lastStart, lastEnd: this.clock.date() };
    } catch (error) {
      // Jobs of every second would fill the log while the database is away.
      if (state.failures === 0) this.logger.warn(`The job ${job.name} failed and is tried again: ${String(error)}`);
      each.state = { ...state, failures: state.failures + 1, lastStart, lastEnd: this.clock.date() };
    }
  }

  private async claims({ name, every }: Job): Promise<boolean> {
    const claimed = await this.database.execute(CLAIM, [name, Math.floor(every * LEASE)]);
    return claimed.length === 1;
  }
}
