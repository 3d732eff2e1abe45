import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError, invalidField } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../platform/config/config.js';
import { endStreams, EventStream } from '../../platform/http/answers/event-stream.js';
import { ConnectionDrain } from '../../platform/http/connection-drain.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { AuditEventView } from '../audit.view.js';
import { AuditTail, type SealedEvent } from './audit-tail.js';
import { TailAccess } from './tail-access.js';

const BEAT_MS = 5_000;
const BEAT = ': beat\n\n';
/** After so many beats a consumer that has read nothing of what waits for it is disconnected. */
const MAX_STUCK_BEATS = 2;
const PAGE = 200;

/** A consumer, and the number of the last event that was sent to it. */
interface Follower {
  readonly stream: EventStream;
  readonly principal: Principal;
  position: number;
  unreadAtBeat: number;
  stuckBeats: number;
}

const frameOf = (event: SealedEvent): string =>
  `id: ${event.seq}\ndata: ${JSON.stringify(AuditEventView.of(event))}\n\n`;

/** The open streams of the audit log on this instance. */
@Injectable()
export class AuditStreams implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(AuditStreams.name);
  private readonly followers = new Set<Follower>();
  private opening = 0;
  private closed = false;
  private isTelling = false;
  private mayBeMore = false;

  constructor(
    private readonly tail: AuditTail,
    private readonly access: TailAccess,
    private readonly drain: ConnectionDrain,
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.tail.onEvents(() => this.tell());
    this.access.onRevocation(() => this.endRefused());
    this.drain.onBegin(() => void this.close());
    this.jobs.add({ name: 'audit-stream-beat', every: BEAT_MS, run: () => this.beat() });
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  /** How many are open. */
  get count(): number {
    return this.followers.size;
  }

  /**
   * Answers with a stream of the events behind number `from`, or of those from now on. Throws `overloaded`, `unavailable`,
   * and `invalid_request` for a number that no event has yet.
   */
  async open(reply: FastifyReply, principal: Principal, from: number | undefined): Promise<void> {
    if (this.closed) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    if (this.count + this.opening >= this.config.auditStreams) {
      throw new AppError('overloaded', { retryAfterSeconds: 5 });
    }
    this.opening++;
    let end: number;
    try {
      end = await this.tail.end();
    } finally {
      this.opening--;
    }
    // The log of a restored backup is shorter: to wait for that number would skip events in silence.
    if (from !== undefined && from > end) throw invalidField('Last-Event-ID', 'max', `No event has the number ${from}`);
    this.follow(reply, principal, from ?? end);
    await this.tell();
  }

  private follow(reply: FastifyReply, principal: Principal, position: number): void {
    // An id without data is no event, but a client that loses the connection now resumes behind it (HTML 9.2.6).
    const stream = new EventStream(reply, `id: ${position}\n\n`, 'utf8');
    const follower: Follower = { stream, principal, position, unreadAtBeat: 0, stuckBeats: 0 };
    this.followers.add(follower);
    void stream.closed.then(() => this.followers.delete(follower));
    stream.onDrain(() => void this.tell().catch((error: unknown) => this.logger.debug(String(error))));
    if (this.closed || !this.access.allows(principal)) this.end([follower]);
  }

  /** Sends what is new to everybody who can take it. A call during another one makes that look once more. */
  private async tell(): Promise<void> {
    this.mayBeMore = true;
    if (this.isTelling) return;
    this.isTelling = true;
    try {
      while (this.mayBeMore) {
        this.mayBeMore = false;
        const free = [...this.followers].filter(({ stream }) => !stream.isFull);
        for (const group of Map.groupBy(free, ({ position }) => position).values()) await this.tellGroup(group);
      }
    } finally {
      this.isTelling = false;
    }
  }

  /** Sends the next events to consumers that are at the same number, who are nearly all. */
  private async tellGroup(group: readonly Follower[]): Promise<void> {
    const events = await this.tail.after(group[0]!.position, PAGE);
    if (events.length === 0) return;
    const text = events.map(frameOf).join('');
    const position = Number(events.at(-1)!.seq);
    this.endRefused();
    for (const follower of group) {
      if (!this.followers.has(follower)) continue;
      follower.position = position;
      follower.stream.send(text);
    }
    this.mayBeMore = true;
  }

  private async beat(): Promise<void> {
    this.endRefused();
    for (const follower of this.followers) {
      const { stream, unreadAtBeat } = follower;
      const isStuck = stream.isFull && stream.unread === unreadAtBeat;
      follower.stuckBeats = isStuck ? follower.stuckBeats + 1 : 0;
      follower.unreadAtBeat = stream.unread;
      if (follower.stuckBeats >= MAX_STUCK_BEATS) stream.cut();
      else if (!stream.isFull) stream.send(BEAT);
    }
    // Wake-ups may be lost.
    await this.tell();
  }

  /** Ends the streams of callers who may read no longer. */
  private endRefused(): void {
    const refused = [...this.followers].filter(({ principal }) => !this.access.allows(principal));
    if (refused.length > 0) this.end(refused);
  }

  private end(ending: readonly Follower[]): void {
    for (const follower of ending) this.followers.delete(follower);
    void endStreams(ending.map(({ stream }) => stream));
  }

  /** Ends all streams. Consumers reconnect to another instance. */
  private async close(): Promise<void> {
    this.closed = true;
    const ending = [...this.followers];
    this.followers.clear();
    await endStreams(ending.map(({ stream }) => stream));
  }
}
