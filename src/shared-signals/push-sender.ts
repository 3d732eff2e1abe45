import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
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

/** Pushes what waits in the outbox (RFC 8935), until each event was received at least once. */
@Injectable()
export class PushSender implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(PushSender.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly work = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private pushing = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly streams: StreamsService,
    private readonly client: PushClient,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.bus.on(TOPIC, () => Promise.resolve(this.start()));
    this.timers.push(
      setInterval(() => this.start(), LOOK_MS).unref(),
      setInterval(() => this.run(this.drop()), DROP_MS).unref(),
    );
  }

  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
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
    const failure = await this.pushAll(stream);
    if (failure === null || this.closing.signal.aborted) await this.outbox.release(stream, failure === null);
    else await this.postpone(stream, failure);
    return true;
  }

  /** Pushes until nothing waits or time is up. Returns why it stopped before. */
  private async pushAll(stream: ClaimedStream): Promise<string | null> {
    const deadline = performance.now() + WORK_MS;
    while (performance.now() < deadline) {
      const signals = await this.outbox.next(stream.id, PORTION);
      if (signals.length === 0) return null;
      const failure = await this.pushPortion(stream, signals, deadline);
      if (failure !== null) return failure;
    }
    return null;
  }

  // SSF 1.0 section 8.1.2.1: what concerns one subject goes in its order, so a user's events go one after the other.
  private async pushPortion(
    stream: ClaimedStream,
    signals: readonly SignalEvent[],
    deadline: number,
  ): Promise<string | null> {
    const queues = [...Map.groupBy(signals, ({ userId }) => userId).values()];
    let failure: string | null = null;
    const pushNext = async (): Promise<void> => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        for (const signal of queue) {
          if (failure !== null || performance.now() > deadline) return;
          const why = await this.client.push(stream, signal, this.closing.signal);
          failure ??= why;
        }
      }
    };
    await Promise.all(Array.from({ length: PUSHES_AT_ONCE }, pushNext));
    return failure;
  }

  private async postpone(stream: ClaimedStream, why: string): Promise<void> {
    const delay = retryDelay(stream.failures + 1, Math.random());
    const since = await this.outbox.postpone(stream, delay);
    this.logger.warn({ event: 'signals_push_failed', stream: stream.id, failures: stream.failures + 1, why });
    if (!since || this.clock.now() - since.getTime() < PAUSE_AFTER_MS) return;
    const reason = `The receiver has accepted nothing since ${since.toISOString()}: ${why}`;
    await this.streams.pause(stream.id, reason);
    this.logger.warn({ event: 'signals_stream_paused', stream: stream.id, reason });
  }

  private async drop(): Promise<void> {
    for (const { streamId, dropped } of await this.outbox.drop()) {
      this.logger.warn({ event: 'signals_dropped', stream: streamId, dropped });
    }
  }
}
