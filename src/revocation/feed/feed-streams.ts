import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { ConnectionDrain } from '../../platform/http/connection-drain.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { RevocationService } from '../revocation.service.js';
import { FeedStream } from './feed-stream.js';
import { FeedSigner } from './feed-signer.js';

const HEARTBEAT_MS = 5_000;
/** Without its database for longer than this, an instance has nothing to say, and another one may have. */
const MAX_SILENCE_SECONDS = 30;
/** Streams that end have this long to be read to their end. */
const FAREWELL_MS = 1_000;
/** While a key that has leaked is being replaced, nothing can be signed. */
const RETRY_MS = 100;

/** The open streams of this instance. All get the same frames, each signed once. */
@Injectable()
export class FeedStreams implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(FeedStreams.name);
  private readonly streams = new Set<FeedStream>();
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
   * Answers with a stream that goes on behind number `from`, or begins with a snapshot. Throws `overloaded` and
   * `unavailable`. Nothing here waits, so no entry comes between the first events and those that all streams get.
   */
  open(reply: FastifyReply, from: number | undefined, nonce: string | undefined): void {
    if (this.closed || this.isSilent) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    if (this.streams.size >= this.config.revocationStreams) throw new AppError('overloaded', { retryAfterSeconds: 5 });
    const stream = new FeedStream(reply, this.signer.opening(from, nonce));
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
    // Node sends at the end of this turn. As much time is left for requests; what happens meanwhile is told together.
    setImmediate(() => (this.restUntil = 2 * performance.now() - startedAt));
  }

  private async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.pending);
    await this.endAll();
  }

  /** Consumers come back, and find another instance. */
  private async endAll(): Promise<void> {
    const ending = [...this.streams];
    this.streams.clear();
    for (const stream of ending) stream.end();
    const gone = Promise.all(ending.map(({ closed }) => closed));
    await Promise.race([gone, sleep(FAREWELL_MS, undefined, { ref: false })]);
    for (const stream of ending) stream.cut();
  }
}
