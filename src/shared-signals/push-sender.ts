import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { Outbox, TOPIC, type ClaimedStream } from './outbox.js';
import { PushClient } from './push-client.js';
import { retryDelay } from './push-outcome.js';
import type { SignalEvent } from './security-event.js';
import { StreamsService } from './streams.service.js';

/** Backed-off streams and lost wake-ups are noticed after this long. */
const LOOK_MS = 2_000;
const DROP_MS = 60_000;
const STREAMS_AT_ONCE = 16;
const PUSHES_AT_ONCE = 8;
const PORTION = 100;
/** With the longest push, less than a claim lasts. */
const WORK_MS = 30_000;
const PAUSE_AFTER_MS = 24 * 3_600_000;

/** How far a sender got with a stream. */
interface Run {
  accepted: number;
  failure: string | null;
}

/** Pushes what waits in the outbox (RFC 8935), until each event was received at least once. */
@Injectable()
export class PushSender implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(PushSender.name);
  private readonly work = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private pushing = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly streams: StreamsService,
    private readonly client: PushClient,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.bus.on(TOPIC, () => Promise.resolve(this.start()));
    this.jobs.add({ name: 'signals-push', every: LOOK_MS, run: () => this.start() });
    this.jobs.add({ name: 'signals-drop', every: DROP_MS, onePerCluster: true, run: () => this.drop() });
  }

  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.work);
  }

  /** Takes up streams that have something to push, as long as there are any and hands are free. */
  private start(): void {
    if (this.pushing >= STREAMS_AT_ONCE || this.closing.signal.aborted) return;
    this.pushing += 1;
    const pushed = this.pushOne().finally(() => (this.pushing -= 1));
    // What was written while it was at work may have found nobody.
    this.run(pushed.then((found) => void (found && this.start())));
  }

  private run(work: Promise<void>): void {
    const done = work.catch((error: unknown) => this.logger.debug(String(error))).finally(() => this.work.delete(done));
    this.work.add(done);
  }

  private async pushOne(): Promise<boolean> {
    const stream = await this.outbox.claim();
    if (!stream) return false;
    this.start();
    const run: Run = { accepted: 0, failure: null };
    await this.pushAll(stream, run);
    if (run.failure === null || this.closing.signal.aborted) await this.outbox.release(stream, run.failure === null);
    else await this.postpone(stream, run.failure, run.accepted > 0);
    return true;
  }

  /** Pushes until nothing waits, something fails or time is up. */
  private async pushAll(stream: ClaimedStream, run: Run): Promise<void> {
    const deadline = performance.now() + WORK_MS;
    while (run.failure === null && performance.now() < deadline) {
      const signals = await this.outbox.next(stream.id, PORTION);
      if (signals.length === 0) return;
      await this.pushPortion(stream, signals, run, deadline);
    }
  }

  // SSF 1.0 section 8.1.2.1: what concerns one subject goes in its order, so a user's events go one after the other.
  private async pushPortion(
    stream: ClaimedStream,
    signals: readonly SignalEvent[],
    run: Run,
    deadline: number,
  ): Promise<void> {
    const queues = [...Map.groupBy(signals, ({ userId }) => userId).values()];
    const pushNext = async (): Promise<void> => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        for (const signal of queue) {
          if (run.failure !== null || performance.now() > deadline) return;
          const failure = await this.client.push(stream, signal, this.closing.signal);
          if (failure === null) run.accepted += 1;
          else run.failure = failure;
        }
      }
    };
    await Promise.all(Array.from({ length: PUSHES_AT_ONCE }, pushNext));
  }

  /** `progressed`: others were accepted just before, so this is the first failure in a row. */
  private async postpone(stream: ClaimedStream, why: string, progressed: boolean): Promise<void> {
    const failures = progressed ? 1 : stream.failures + 1;
    const since = await this.outbox.postpone(stream, failures, retryDelay(failures, Math.random()));
    this.logger.warn({ event: 'signals_push_failed', stream: stream.id, failures, why });
    if (!since || this.clock.now() - since.getTime() < PAUSE_AFTER_MS) return;
    const reason = `The receiver has accepted nothing since ${since.toISOString()}: ${why}`;
    await this.streams.pause(stream.id, reason);
    this.logger.warn({ event: 'signals_stream_paused', stream: stream.id, reason });
  }

  private async drop(): Promise<void> {
    for (const { streamId, dropped } of await this.outbox.drop()) {
      this.logger.warn({ event: 'signals_dropped', stream: streamId, dropped });
    }
    await this.streams.deleteOrphans();
  }
}
