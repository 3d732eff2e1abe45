import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { isUuid, uuidv7 } from '../common/uuid.js';
import { Transactions } from '../platform/database/transactions.js';
import { DELIVERY_METHODS, DeliveryService, type Delivery } from './delivery.service.js';
import { Outbox } from './outbox.js';
import { EVENTS_SUPPORTED, STREAM_UPDATED, VERIFICATION } from './security-event.js';
import { SignalStream, type StreamStatus } from './stream.entity.js';

const MAX_STREAMS = 100;
/** Seconds (`min_verification_interval`). */
export const MIN_VERIFICATION_INTERVAL = 10;

/** A receiver that says nothing polls (SSF 1.0 section 8.1.1.1). */
const DEFAULT_DELIVERY: Delivery = { method: DELIVERY_METHODS.poll };

/** What a receiver, or an administrator in its place, says of a stream (SSF 1.0 section 8.1.1). */
export interface StreamSettings {
  delivery?: Delivery | undefined;
  eventsRequested?: string[] | undefined;
  description?: string | null | undefined;
}

/** A stream, with the secret of a receiver that polls if it is new. */
export interface ConfiguredStream {
  stream: SignalStream;
  pollSecret: string | null;
}

/** The streams of shared signals and their administration. */
@Injectable()
export class StreamsService {
  constructor(
    @InjectRepository(SignalStream) private readonly streams: Repository<SignalStream>,
    private readonly transactions: Transactions,
    private readonly deliveries: DeliveryService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid_request`, `too_many_streams`. */
  async create(settings: StreamSettings & { audience?: string | undefined }): Promise<ConfiguredStream> {
    if ((await this.streams.count()) >= MAX_STREAMS) throw new AppError('too_many_streams');
    const now = this.clock.date();
    const id = uuidv7(now.getTime());
    const { columns, pollSecret } = this.deliveries.columnsOf(id, settings.delivery ?? DEFAULT_DELIVERY);
    const stream = this.streams.create({
      id,
      audience: settings.audience ?? id,
      ...columns,
      eventsRequested: settings.eventsRequested ?? [...EVENTS_SUPPORTED],
      description: settings.description ?? null,
      status: 'enabled',
      reason: null,
      nextPushAt: now,
      failures: 0,
      failingSince: null,
      dropped: '0',
      verificationRequestedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await this.streams.insert(stream);
    return { stream, pollSecret };
  }

  list(): Promise<SignalStream[]> {
    return this.streams.find({ order: { id: 'ASC' } });
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<SignalStream> {
    const stream = isUuid(id) ? await this.streams.findOneBy({ id }) : null;
    if (!stream) throw new AppError('not_found');
    return stream;
  }

  /** Changes what is given. A delivery that differs from the old one replaces it whole. Throws `not_found`, `invalid_request`. */
  update(id: string, settings: StreamSettings): Promise<ConfiguredStream> {
    return this.transactions.run(async (manager) => {
      const stream = await lock(id, manager);
      const { delivery: wanted } = settings;
      const isNew = wanted !== undefined && !this.deliveries.isThatOf(stream, wanted);
      const delivery = isNew ? this.deliveries.columnsOf(id, wanted) : null;
      const now = this.clock.date();
      const changes: Partial<SignalStream> = {
        // What is known of the former receiver says nothing of the new one.
        ...(delivery && { ...delivery.columns, nextPushAt: now, failures: 0, failingSince: null }),
        ...(settings.eventsRequested && { eventsRequested: settings.eventsRequested }),
        ...(settings.description !== undefined && { description: settings.description }),
        updatedAt: now,
      };
      await manager.update(SignalStream, { id }, changes);
      return { stream: Object.assign(stream, changes), pollSecret: delivery?.pollSecret ?? null };
    });
  }

  /** Changes all: what is absent is as in a new stream. Throws `not_found`, `invalid_request`. */
  replace(id: string, { delivery, eventsRequested, description }: StreamSettings): Promise<ConfiguredStream> {
    return this.update(id, {
      delivery: delivery ?? DEFAULT_DELIVERY,
      eventsRequested: eventsRequested ?? [...EVENTS_SUPPORTED],
      description: description ?? null,
    });
  }

  /** Throws `not_found`. */
  async delete(id: string): Promise<void> {
    // In two steps, so that whoever revokes meanwhile does not wait until all that waits for the stream is gone.
    await this.setStatus(id, 'disabled', null);
    await this.streams.delete({ id });
  }

  /** Throws `not_found`. */
  setStatus(id: string, status: StreamStatus, reason: string | null): Promise<SignalStream> {
    return this.transactions.run(async (manager) => {
      const stream = await lock(id, manager);
      return this.change(stream, status, reason, manager);
    });
  }

  /** Where a receiver has failed for long: the stream waits until somebody enables it. */
  async pause(id: string, reason: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      const stream = await lock(id, manager);
      if (stream.status === 'enabled') await this.change(stream, 'paused', reason, manager);
    });
  }

  /** Sends a verification event (SSF 1.0 section 8.1.4). Throws `not_found`, `rate_limited`. */
  verify(id: string, state: string | undefined): Promise<void> {
    return this.transactions.run(async (manager) => {
      const { verificationRequestedAt } = await lock(id, manager);
      const earliest = (verificationRequestedAt?.getTime() ?? -Infinity) + MIN_VERIFICATION_INTERVAL * 1000;
      const wait = Math.ceil((earliest - this.clock.now()) / 1000);
      if (wait > 0) throw new AppError('rate_limited', { retryAfterSeconds: wait });
      await manager.update(SignalStream, { id }, { verificationRequestedAt: this.clock.date() });
      await this.outbox.appendAbout(id, VERIFICATION, { ...(state !== undefined && { state }) }, manager);
    });
  }

  private async change(
    stream: SignalStream,
    status: StreamStatus,
    reason: string | null,
    manager: EntityManager,
  ): Promise<SignalStream> {
    const now = this.clock.date();
    const fresh = { nextPushAt: now, failures: 0, failingSince: null };
    const changes = { status, reason, updatedAt: now, ...(status === 'enabled' && fresh) };
    await manager.update(SignalStream, { id: stream.id }, changes);
    // SSF 1.0 section 8.1.2.1: a disabled stream holds nothing.
    if (status === 'disabled') await manager.query('DELETE FROM signal_events WHERE stream_id = $1', [stream.id]);
    if (status !== stream.status) {
      await this.outbox.appendAbout(stream.id, STREAM_UPDATED, { status, ...(reason && { reason }) }, manager);
    }
    return Object.assign(stream, changes);
  }
}

async function lock(id: string, manager: EntityManager): Promise<SignalStream> {
  const stream = isUuid(id)
    ? await manager.findOne(SignalStream, { where: { id }, lock: { mode: 'for_no_key_update' } })
    : null;
  if (!stream) throw new AppError('not_found');
  return stream;
}
