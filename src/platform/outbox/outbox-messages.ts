import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { ClusterBus } from '../events/cluster-bus.js';
import { Jobs } from '../jobs/jobs.js';
import {
  APPEND,
  BURY,
  CLAIM,
  DROP_DEAD,
  DROP_EXPIRED,
  POSTPONE,
  SETTLE,
  STATE,
  type MessageRow,
} from './outbox-messages.statements.js';
import { OutboxWorkers, type OutboxState } from './outbox-workers.js';
import { retryDelay } from './retry-delay.js';

const LONGEST_DELAY_MS = 3_600_000;
const SWEEP_MS = 60_000;
/** The days for which an operator can see messages that were given up. */
const DEAD_DAYS = 30;
const LONGEST_REASON = 500;

/** One attempt to deliver a message. */
export interface OutboxMessage<Payload = unknown> {
  /** The id, which is the same at every attempt, so that a receiver recognises a message that it has already. */
  readonly id: string;
  readonly payload: Payload;
  /** The number of this attempt, from 1. Only its worker can settle it. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A kind of messages, which are delivered one by one in no particular order. */
export interface MessageKind<Payload> {
  /** E.g. `mail`. Unique. */
  readonly name: string;
  /** The most deliveries of one instance at a time. */
  readonly atOnce: number;
  /** How long one attempt may take, in milliseconds. Then another worker may begin the next one. */
  readonly lease: number;
  readonly maxAttempts: number;
  /** Delivers a message. Throws {@link Undeliverable} where no further attempt can help, anything else where one may. */
  send(message: OutboxMessage<Payload>, closing: AbortSignal): Promise<void>;
}

/** The reason why a message can never be delivered. */
export class Undeliverable extends Error {}

/**
 * Stores messages to the outside, one in each row. They are written in the transaction of their cause, delivered at
 * least once after its commit, and dropped after `expiresAt`. Leases, pauses and expiry go by the clock of the
 * database.
 */
@Injectable()
export class OutboxMessages implements OnModuleInit {
  private readonly logger = new Logger(OutboxMessages.name);

  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly jobs: Jobs,
    private readonly workers: OutboxWorkers,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'outbox-sweep', every: SWEEP_MS, onePerCluster: true, run: () => this.sweep() });
  }

  /** Adds a kind of messages. Must be called before the application has started. */
  add<Payload>(kind: MessageKind<Payload>): void {
    this.workers.add<OutboxMessage<Payload>>({
      name: `outbox-${kind.name}`,
      topic: topicOf(kind.name),
      atOnce: kind.atOnce,
      claim: () => this.claim(kind),
      deliver: (message, closing) => this.deliver(kind, message, closing),
      state: () => this.state(kind.name),
    });
  }

  /** Adds a message, and returns its id. The payload is stored unencrypted, so it must contain no secret. */
  async append(
    kind: string,
    payload: object,
    { expiresAt, notBefore = null }: { expiresAt: Date; notBefore?: Date | null },
    manager: EntityManager,
  ): Promise<string> {
    const id = randomUUID();
    await manager.query(APPEND, [id, kind, JSON.stringify(payload), notBefore, expiresAt]);
    await this.bus.notify(topicOf(kind), manager);
    return id;
  }

  /** Leases the message that is due first for its next attempt; null where none is due that no other worker has. */
  async claim<Payload>({
    name,
    lease,
  }: Pick<MessageKind<Payload>, 'name' | 'lease'>): Promise<OutboxMessage<Payload> | null> {
    const [row] = await this.database.execute<MessageRow>(CLAIM, [name, lease]);
    if (!row) return null;
    const { id, payload, attempts, created_at: createdAt, expires_at: expiresAt } = row;
    return { id, payload: payload as Payload, attempts, createdAt, expiresAt };
  }

  /** Removes a delivered message. Returns false where another attempt has begun since, which settles it. */
  async settle({ id, attempts }: OutboxMessage): Promise<boolean> {
    return (await this.database.execute(SETTLE, [id, attempts])).length === 1;
  }

  /** Deletes messages that have expired, and those that were given up long ago. */
  async sweep(): Promise<void> {
    const rows = await this.database.executeLong<{ kind: string; dropped: number; why: string | null }>(
      DROP_EXPIRED,
      [],
    );
    for (const row of rows) this.logger.warn({ event: 'outbox_expired', ...row });
    await this.database.executeLong(DROP_DEAD, [DEAD_DAYS]);
  }

  private async deliver<Payload>(
    kind: MessageKind<Payload>,
    message: OutboxMessage<Payload>,
    closing: AbortSignal,
  ): Promise<void> {
    // The service stopped while it was claimed.
    if (closing.aborted) return this.giveBack(message);
    // The attempts before have ended with the process that made them.
    if (message.attempts > kind.maxAttempts) return this.bury(kind.name, message, 'no attempt has ended');
    try {
      await kind.send(message, closing);
    } catch (error) {
      const why = (error as Error).message.slice(0, LONGEST_REASON);
      if (error instanceof Undeliverable) return this.bury(kind.name, message, why);
      if (closing.aborted) return this.giveBack(message);
      if (message.attempts >= kind.maxAttempts) return this.bury(kind.name, message, why);
      return this.postpone(kind.name, message, why);
    }
    if (!(await this.settle(message))) this.logger.warn({ event: 'outbox_lease_lost', ...nameOf(kind.name, message) });
  }

  /** Leaves the message to the next worker, at once. */
  private async giveBack({ id, attempts }: OutboxMessage): Promise<void> {
    await this.database.execute(POSTPONE, [id, attempts, 0, null]);
  }

  private async postpone(kind: string, message: OutboxMessage, why: string): Promise<void> {
    const pause = Math.round(retryDelay(message.attempts, Math.random(), LONGEST_DELAY_MS));
    const [row] = await this.database.execute(POSTPONE, [message.id, message.attempts, pause, why]);
    if (row) this.logger.warn({ event: 'outbox_attempt_failed', ...nameOf(kind, message), why });
  }

  private async bury(kind: string, message: OutboxMessage, why: string): Promise<void> {
    const [row] = await this.database.execute(BURY, [message.id, message.attempts, why]);
    if (row) this.logger.error({ event: 'outbox_given_up', ...nameOf(kind, message), why });
  }

  private async state(kind: string): Promise<OutboxState> {
    const [row] = await this.database.execute<{
      waiting: number;
      oldest: number | null;
      failing: number;
      lost: number;
    }>(STATE, [kind]);
    const { waiting, oldest, failing, lost } = row!;
    return { name: kind, waiting, oldestSeconds: oldest, failing, lost };
  }
}

const topicOf = (kind: string): string => `outbox:${kind}`;

const nameOf = (kind: string, { id, attempts }: OutboxMessage) => ({ kind, message: id, attempts });
