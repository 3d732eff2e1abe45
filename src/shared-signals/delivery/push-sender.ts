import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '../../platform/jobs/jobs.js';
import { deliverInOrder, type FailingReceiver } from '../../platform/outbox/deliver-in-order.js';
import { OutboxWorkers } from '../../platform/outbox/outbox-workers.js';
import { Outbox, PUSH_TOPIC, type ClaimedStream } from './outbox.js';
import { PushClient } from './push-client.js';
import type { SignalEvent } from '../events/security-event.js';
import { StreamsService } from '../streams/streams.service.js';

const DROP_MS = 60_000;
const STREAMS_AT_ONCE = 16;
const PAUSE_AFTER_SECONDS = 24 * 3_600;

/** Pushes the events in the outbox (RFC 8935), until each was received at least once. */
@Injectable()
export class PushSender implements OnModuleInit {
  private readonly logger = new Logger(PushSender.name);

  constructor(
    private readonly outbox: Outbox,
    private readonly streams: StreamsService,
    private readonly client: PushClient,
    private readonly workers: OutboxWorkers,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    const { outbox } = this;
    const events = {
      leases: outbox.leases,
      next: ({ id }: ClaimedStream, limit: number) => outbox.next(id, limit),
      // SSF 1.0 section 8.1.2.1: events of one subject are sent in their order, so those of a user go one after the
      // other.
      keyOf: ({ userId }: SignalEvent) => userId,
      send: (stream: ClaimedStream, signal: SignalEvent, closing: AbortSignal) =>
        this.client.push(stream, signal, closing),
      failed: (stream: ClaimedStream, failing: FailingReceiver) => this.failed(stream, failing),
    };
    this.workers.add<ClaimedStream>({
      name: 'signals-push',
      topic: PUSH_TOPIC,
      atOnce: STREAMS_AT_ONCE,
      claim: () => outbox.claim(),
      deliver: (stream, closing) => deliverInOrder(events, stream, closing),
      state: () => outbox.state(),
    });
    this.jobs.add({ name: 'signals-drop', every: DROP_MS, onePerCluster: true, run: () => this.drop() });
  }

  private async failed({ id }: ClaimedStream, { failures, why, since, seconds }: FailingReceiver): Promise<void> {
    this.logger.warn({ event: 'signals_push_failed', stream: id, failures, why });
    if (seconds < PAUSE_AFTER_SECONDS) return;
    const reason = `The receiver has accepted nothing since ${since.toISOString()}: ${why}`;
    await this.streams.pause(id, reason);
    this.logger.warn({ event: 'signals_stream_paused', stream: id, reason });
  }

  private async drop(): Promise<void> {
    for (const { streamId, dropped } of await this.outbox.drop()) {
      this.logger.warn({ event: 'signals_dropped', stream: streamId, dropped });
    }
    await this.streams.deleteOrphans();
  }
}
