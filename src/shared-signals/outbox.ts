import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Database } from '../platform/database/database.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import {
  APPEND,
  APPEND_ABOUT_STREAM,
  CLAIM,
  DROP,
  NEXT,
  POSTPONE,
  RELEASE,
  SETTLE,
  type ClaimedRow,
  type EventRow,
} from './outbox.statements.js';
import type { SignalEvent } from './security-event.js';

export const TOPIC = 'signals';
/** Longer than a sender works on one portion of a stream. */
const CLAIM_MS = 60_000;
const MAX_AGE_MS = 7 * 86_400_000;
const MAX_WAITING = 100_000;

/** A stream that this instance alone pushes, until `claimedUntil`. */
export interface ClaimedStream {
  id: string;
  audience: string;
  signingAlg: 'RS256' | null;
  endpointUrl: string;
  authorizationHeader: Buffer | null;
  failures: number;
  claimedUntil: Date;
}

/** What has happened and is still to be told: written in the transaction of its cause, gone once it was received. */
@Injectable()
export class Outbox {
  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
  ) {}

  /** An event about users, or sessions of users, for every stream that has asked for its type. */
  async append(
    type: string,
    subjects: readonly { userId: string; id?: string }[],
    event: object,
    manager: EntityManager,
  ): Promise<void> {
    const users = subjects.map(({ userId }) => userId);
    const sessions = subjects.map(({ id }) => id ?? null);
    const values = [type, users, sessions, JSON.stringify(event), randomUUID(), this.clock.date()];
    const [{ appended }] = await manager.query<[{ appended: number }]>(APPEND, values);
    if (appended > 0) await this.bus.notify(TOPIC, manager);
  }

  /** An event about a stream, for that stream. */
  async appendAbout(streamId: string, type: string, event: object, manager: EntityManager): Promise<void> {
    const values = [streamId, type, JSON.stringify(event), randomUUID(), this.clock.date()];
    await manager.query(APPEND_ABOUT_STREAM, values);
    await this.bus.notify(TOPIC, manager);
  }

  /** A stream with something to push that nobody is at; null where there is none. */
  async claim(): Promise<ClaimedStream | null> {
    const until = new Date(this.clock.now() + CLAIM_MS);
    const [row] = await this.database.execute<ClaimedRow>(CLAIM, [this.clock.date(), until]);
    return row
      ? {
          id: row.id,
          audience: row.audience,
          signingAlg: row.signing_alg,
          endpointUrl: row.endpoint_url,
          authorizationHeader: row.authorization_header,
          failures: row.failures,
          claimedUntil: row.next_push_at,
        }
      : null;
  }

  /** `healthy`: its receiver has accepted whatever there was. */
  async release({ id, claimedUntil }: ClaimedStream, healthy: boolean): Promise<void> {
    await this.database.execute(RELEASE, [id, claimedUntil, this.clock.date(), healthy]);
  }

  /** After so many failures in a row. Returns since when it fails; null where somebody else has it by now. */
  async postpone({ id, claimedUntil }: ClaimedStream, failures: number, milliseconds: number): Promise<Date | null> {
    const nextPushAt = new Date(this.clock.now() + milliseconds);
    const values = [id, claimedUntil, nextPushAt, this.clock.date(), failures];
    const [row] = await this.database.execute<{ failing_since: Date }>(POSTPONE, values);
    return row?.failing_since ?? null;
  }

  /** The oldest events that wait for a stream, at most so many. */
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

  /** These were received, or never will be. */
  async settle(streamId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.database.execute(SETTLE, [streamId, ids]);
  }

  /** Drops what is too old or too much. Returns how much, by stream. */
  async drop(): Promise<{ streamId: string; dropped: number }[]> {
    const oldest = new Date(this.clock.now() - MAX_AGE_MS);
    const rows = await this.database.executeLong<{ id: string; dropped: string }>(DROP, [oldest, MAX_WAITING]);
    return rows.map(({ id, dropped }) => ({ streamId: id, dropped: Number(dropped) }));
  }
}
