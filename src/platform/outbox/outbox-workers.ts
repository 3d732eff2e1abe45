import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ClusterBus } from '../events/cluster-bus.js';
import { Jobs } from '../jobs/jobs.js';
import { Metrics } from '../telemetry/metrics.js';
import { addOutboxMetrics } from './outbox-metrics.js';

/** The interval in milliseconds at which workers look for postponed rows and lost wake-ups. */
const LOOK_MS = 2_000;
/**
 * How long the stop of the service waits for deliveries, in milliseconds. Leases of longer ones expire by themselves.
 */
const DRAIN_MS = 5_000;

/** The backlog of an outbox. */
export interface OutboxState {
  readonly name: string;
  readonly waiting: number;
  /** The age of the oldest waiting row, in seconds; null where none waits. */
  readonly oldestSeconds: number | null;
  /** Rows or receivers whose latest attempt has failed. */
  readonly failing: number;
  /** Rows that were given up. */
  readonly lost: number;
}

/** Rows that wait to be delivered, and how one worker takes and delivers its share. */
export interface OutboxQueue<Claim> {
  /** Names the job that looks for work, e.g. `signals-push`. Unique. */
  readonly name: string;
  /** The topic of `ClusterBus` that wakes its workers, and those of no other queue. */
  readonly topic: string;
  /** The most claims that one instance works on at a time. */
  readonly atOnce: number;
  /** Leases a share of the work; null where none is due that no other worker has. */
  claim(): Promise<Claim | null>;
  /** Delivers a share and settles it. Stops early once `closing` aborts. */
  deliver(claim: Claim, closing: AbortSignal): Promise<void>;
  state(): Promise<OutboxState>;
}

/** Runs the workers of all outboxes. A process without jobs, like the command line, delivers nothing. */
@Injectable()
export class OutboxWorkers implements OnModuleDestroy {
  private readonly logger = new Logger(OutboxWorkers.name);
  private readonly queues: Pick<OutboxQueue<unknown>, 'state'>[] = [];
  private readonly work = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  constructor(
    private readonly bus: ClusterBus,
    private readonly jobs: Jobs,
    metrics: Metrics,
  ) {
    addOutboxMetrics(metrics, () => this.states());
  }

  /** Adds a queue. Must be called before the application has started. */
  add<Claim>(queue: OutboxQueue<Claim>): void {
    this.queues.push(queue);
    const state = { busy: 0 };
    const start = (): void => this.start(queue, state);
    this.bus.on(queue.topic, () => Promise.resolve(start()));
    this.jobs.add({ name: queue.name, every: LOOK_MS, run: start });
  }

  states(): Promise<OutboxState[]> {
    return Promise.all(this.queues.map((queue) => queue.state()));
  }

  /** Lets deliveries that are under way end, for a limited time. */
  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, DRAIN_MS);
    await Promise.race([Promise.all(this.work), limit.promise]);
    clearTimeout(timer);
  }

  /** Starts workers while there is work and workers are free. */
  private start<Claim>(queue: OutboxQueue<Claim>, state: { busy: number }): void {
    if (state.busy >= queue.atOnce || this.closing.signal.aborted) return;
    state.busy += 1;
    const restart = (): void => this.start(queue, state);
    const delivered = this.deliverOne(queue, restart).finally(() => (state.busy -= 1));
    // What was written while it was at work may have found no free worker.
    const done = delivered
      .then((found) => void (found && restart()))
      .catch((error: unknown) => this.logger.debug(`${queue.name}: ${String(error)}`))
      .finally(() => this.work.delete(done));
    this.work.add(done);
  }

  /**
   * Delivers one share, and tells whether there was one. `onClaimed` is called once it is leased, since there may be
   * more for the next worker.
   */
  private async deliverOne<Claim>(queue: OutboxQueue<Claim>, onClaimed: () => void): Promise<boolean> {
    const claim = await queue.claim();
    if (claim === null) return false;
    onClaimed();
    await queue.deliver(claim, this.closing.signal);
    return true;
  }
}
