import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { isUuid } from '../../common/uuid.js';
import { ClusterBus } from '../../platform/events/cluster-bus.js';
import { Outbox, pollTopic } from '../delivery/outbox.js';
import type { PollDto } from './poll.dto.js';
import type { PollView } from './poll.view.js';
import { errorCode } from '../delivery/push-outcome.js';
import type { SignalEvent } from '../events/security-event.js';
import { SetSigner } from '../events/set-signer.js';
import type { SignalStream } from '../streams/stream.entity.js';

const MAX_EVENTS = 100;
/** The longest wait of a poll, in milliseconds: shorter than most proxies wait. */
const LONG_POLL_MS = 20_000;
/** The most long polls of one stream on this instance. */
const MAX_WAITING = 4;

/** Answers receivers that poll with waiting events (RFC 8936). */
@Injectable()
export class PollService implements OnModuleDestroy {
  private readonly logger = new Logger(PollService.name);
  private readonly waiting = new Set<{ streamId: string; wake(): void }>();
  private closed = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly signer: SetSigner,
    private readonly bus: ClusterBus,
  ) {}

  onModuleDestroy(): void {
    this.closed = true;
    for (const { wake } of this.waiting) wake();
  }

  /** Takes acknowledgements, then answers with the waiting events, as soon as there are any (RFC 8936 2.4). */
  async poll(stream: SignalStream, request: PollDto, hungUp: AbortSignal): Promise<PollView> {
    const { id } = stream;
    await this.settle(id, request);
    const limit = Math.min(request.maxEvents ?? MAX_EVENTS, MAX_EVENTS);
    // RFC 8936 2.2: a request without wanted events only acknowledges, and is answered at once.
    if (limit === 0) return { sets: {} };
    // Nobody would get the answer, and a signal that has aborted already does not call its listeners again.
    if (hungUp.aborted) return { sets: {} };
    const holds = !request.returnImmediately && this.waitingFor(id) < MAX_WAITING;
    const signals = await (holds ? this.waitForNext(id, limit + 1, hungUp) : this.outbox.next(id, limit + 1));
    const sent = signals.slice(0, limit);
    const sets = await Promise.all(sent.map(async (signal) => [signal.id, await this.signer.sign(signal, stream)]));
    return { sets: Object.fromEntries(sets), ...(signals.length > limit && { moreAvailable: true }) };
  }

  private async settle(streamId: string, { ack = [], setErrs = {} }: PollDto): Promise<void> {
    const refused = Object.entries(setErrs).filter(([jti]) => isUuid(jti));
    await this.outbox.acknowledge(streamId, [...ack.filter(isUuid), ...refused.map(([jti]) => jti)]);
    for (const [jti, fault] of refused) {
      const err = errorCode((fault as { err?: unknown } | null)?.err);
      this.logger.warn({ event: 'signal_refused', stream: streamId, jti, err });
    }
  }

  /**
   * Returns the events that wait for a stream, as soon as there are any; none when the time is over, or the client has
   * gone.
   */
  private async waitForNext(streamId: string, limit: number, hungUp: AbortSignal): Promise<SignalEvent[]> {
    let over = false;
    let woken = Promise.withResolvers<void>();
    const wake = (): void => {
      woken.resolve();
      woken = Promise.withResolvers<void>();
    };
    const end = (): void => {
      over = true;
      wake();
    };
    const timer = setTimeout(end, LONG_POLL_MS);
    hungUp.addEventListener('abort', end, { once: true });
    const poll = { streamId, wake };
    this.waiting.add(poll);
    const unsubscribe = this.bus.on(pollTopic(streamId), () => Promise.resolve(wake()));
    try {
      for (;;) {
        // The promise is taken before the look, so that an event during it wakes the poll too.
        const { promise } = woken;
        const signals = await this.outbox.next(streamId, limit);
        if (signals.length > 0 || over || this.closed) return signals;
        await promise;
      }
    } finally {
      clearTimeout(timer);
      unsubscribe();
      this.waiting.delete(poll);
    }
  }

  private waitingFor(streamId: string): number {
    return [...this.waiting].filter((poll) => poll.streamId === streamId).length;
  }
}
