import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { endStreams, EventStream } from '../../platform/http/answers/event-stream.js';
import { ConnectionDrain } from '../../platform/http/connection-drain.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { RevocationService } from '../revocation.service.js';
import { FeedSigner } from './feed-signer.js';

const HEARTBEAT_MS = 5_000;
/**
 * The time without its database, in seconds, after which an instance ends its streams: another instance may know more.
 */
const MAX_SILENCE_SECONDS = 30;
/**
 * The pause before another attempt to sign, in milliseconds: nothing can be signed while a leaked key is being
 * replaced.
 */
const RETRY_MS = 100;

/** The open streams of this instance. All of them get the same frames, each signed once. */
@Injectable()
export class FeedStreams implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(FeedStreams.name);
  private readonly streams = new Set<EventStream>();
  private told = 0;
  private restUntil = 0;
  private pending: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly revocations: RevocationService,
    private readonly signer: FeedSigner,
    private readonly drain: ConnectionDrain,
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {}

  /** The number of open streams. */
  get count(): number {
    return this.streams.size;
  }

  onModuleInit(): void {
    this.told = this.revocations.applied;
    this.revocations.follow(() => this.tellSoon());
    this.drain.onBegin(() => void this.close());
    this.jobs.add({ name: 'feed-heartbeat', every: HEARTBEAT_MS, run: () => this.beat() });
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  /**
   * Answers with a stream that continues after number `from`, or begins with a snapshot. It never awaits, so that no
   * entry is lost between the first events and those of all streams. Throws `overloaded` and `unavailable`.
   */
  open(reply: FastifyReply, from: number | undefined, nonce: string | undefined): void {
    if (this.closed || this.isSilent) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    if (this.streams.size >= this.config.revocationStreams) throw new AppError('overloaded', { retryAfterSeconds: 5 });
    const stream = new EventStream(reply, this.signer.opening(from, nonce), 'latin1');
    this.streams.add(stream);
    void stream.closed.then(() => this.streams.delete(stream));
  }

  private get isSilent(): boolean {
    return this.revocations.staleness > MAX_SILENCE_SECONDS;
  }

  private beat(): void {
    if (this.isSilent) void this.endAll();
    else this.tell();
  }

  private tellSoon(afterMs = 0): void {
    this.pending ??= setTimeout(() => this.tell(), Math.max(afterMs, this.restUntil - performance.now()));
  }

  private tell(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    const [startedAt, { applied }] = [performance.now(), this.revocations];
    if (this.streams.size > 0) {
      let frame: string;
      try {
        frame = this.signer.frame(this.told);
      } catch (error) {
        this.logger.debug(`A frame could not be signed; trying again: ${String(error)}`);
        this.tellSoon(RETRY_MS);
        return;
      }
      for (const stream of this.streams) if (!stream.send(frame)) this.streams.delete(stream);
    }
    this.told = applied;
    // Node sends at the end of this turn of the event loop. The same time is then left for requests; entries of that
    // time go together into the next frame.
    setImmediate(() => (this.restUntil = 2 * performance.now() - startedAt));
  }

  private async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pending);
    await this.endAll();
  }

  /** Ends all streams. Consumers reconnect to another instance. */
  private async endAll(): Promise<void> {
    const ending = [...this.streams];
    this.streams.clear();
    await endStreams(ending);
  }
}
