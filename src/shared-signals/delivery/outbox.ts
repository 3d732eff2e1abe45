import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { Database } from '../../platform/database/database.js';
import { ClusterBus } from '../../platform/events/cluster-bus.js';
import type { OutboxState } from '../../platform/outbox/outbox-workers.js';
import { ReceiverLeases, type LeasedReceiver } from '../../platform/outbox/receiver-leases.js';
import {
  ACKNOWLEDGE,
  APPEND,
  APPEND_ABOUT_STREAM,
  DROP,
  NEXT,
  READY_TO_PUSH,
  SETTLE,
  STATE,
  type AppendedRow,
  type EventRow,
} from './outbox.statements.js';
import type { SignalEvent } from '../events/security-event.js';

/** The topic that wakes workers: events wait for a stream that is pushed. */
export const PUSH_TOPIC = 'signals';
/** Returns the topic that wakes the polls of a stream. */
export const pollTopic = (streamId: string): string => `signals:${streamId}`;

const MAX_AGE_MS = 7 * 86_400_000;
const MAX_WAITING = 100_000;

/** A stream that one worker pushes. */
export interface ClaimedStream extends LeasedReceiver {
  audience: string;
  signing_alg: 'RS256' | null;
  endpoint_url: string;
  authorization_header: Buffer | null;
}

/** Stores events until their receivers have them: written in the transaction of their cause, deleted once received. */
@Injectable()
export class Outbox {
  readonly leases: ReceiverLeases<ClaimedStream>;

  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
  ) {
    this.leases = new ReceiverLeases(database, {
      name: 'signals',
      table: 'signal_streams',
      ready: READY_TO_PUSH,
      columns: ['audience', 'signing_alg', 'endpoint_url', 'authorization_header'],
    });
  }

  /** Adds an event about users, or about sessions of users, for every stream that wants its type. */
  async append(
    type: string,
    subjects: readonly { userId: string; id?: string }[],
    event: object,
    manager: EntityManager,
  ): Promise<void> {
    const users = subjects.map(({ userId }) => userId);
    const sessions = subjects.map(({ id }) => id ?? null);
    const values = [type, users, sessions, JSON.stringify(event), randomUUID(), this.clock.date()];
    await this.wake(await manager.query<AppendedRow[]>(APPEND, values), manager);
  }

  /** Adds an event about a stream, for that stream. */
  async appendAbout(streamId: string, type: string, event: object, manager: EntityManager): Promise<void> {
    const values = [streamId, type, JSON.stringify(event), randomUUID(), this.clock.date()];
    await this.wake(await manager.query<AppendedRow[]>(APPEND_ABOUT_STREAM, values), manager);
  }

  private async wake(streams: readonly AppendedRow[], manager: EntityManager): Promise<void> {
    const topics = new Set(streams.map(({ id, method }) => (method === 'push' ? PUSH_TOPIC : pollTopic(id))));
    if (topics.size > 0) await this.bus.notify([...topics], manager);
  }

  /** Leases a stream with waiting events that no worker has; null where there is none. */
  claim(): Promise<ClaimedStream | null> {
    return this.leases.claim();
  }

  /** Returns the oldest events that wait for a stream, `limit` at most. */
  async next(streamId: string, limit: number): Promise<SignalEvent[]> {
    const rows = await this.database.execute<EventRow>(NEXT, [streamId, limit]);
    return rows.map((row) => ({
      id: row.id,
      streamId,
      type: row.type,
      userId: row.user_id,
      sessionId: row.session_id,
      event: row.event,
      txn: row.txn,
      createdAt: row.created_at,
    }));
  }

  /** Removes an event after its push. Returns false where another worker has the stream, or the event is gone. */
  async settle({ id, attempts }: LeasedReceiver, eventId: string): Promise<boolean> {
    return (await this.database.execute(SETTLE, [id, eventId, attempts])).length === 1;
  }

  /** Removes events that the receiver has acknowledged or refused. */
  async acknowledge(streamId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.database.execute(ACKNOWLEDGE, [streamId, ids]);
  }

  /** Deletes events that are too old or too many. Returns their number by stream. */
  async drop(): Promise<{ streamId: string; dropped: number }[]> {
    const oldest = new Date(this.clock.now() - MAX_AGE_MS);
    const rows = await this.database.executeLong<{ id: string; dropped: string }>(DROP, [oldest, MAX_WAITING]);
    return rows.map(({ id, dropped }) => ({ streamId: id, dropped: Number(dropped) }));
  }

  async state(): Promise<OutboxState> {
    const [row] = await this.database.execute<{
      waiting: number;
      oldest: number | null;
      failing: number;
      dropped: number;
    }>(STATE, []);
    const { waiting, oldest, failing, dropped } = row!;
    return { name: 'signals', waiting, oldestSeconds: oldest, failing, lost: dropped };
  }
}
