import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { isUuid, uuidv7 } from '../../common/uuid.js';
import type { AuditEventName, AuditRecord } from '../../common/audit-events.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { RecordedChange } from '../../platform/events/recorded-change.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { DELIVERY_METHODS, DeliveryService, type Delivery } from '../delivery/delivery.service.js';
import { Outbox } from '../delivery/outbox.js';
import { EVENTS_SUPPORTED, STREAM_UPDATED, VERIFICATION } from '../events/security-event.js';
import { SignalStream, type StreamStatus } from './stream.entity.js';

const MAX_STREAMS = 100;
// Taken by whatever adds a stream, so that nobody else adds one between the count and the insert.
const STREAMS_LOCK = 7_262_005;
/** Seconds (`min_verification_interval`). */
export const MIN_VERIFICATION_INTERVAL = 10;

/** Streams that one service account may have. */
const MAX_STREAMS_OF_ACCOUNT = 10;
/** The id of a service account that looks after its own streams; null for administrators, who look after all. */
export type StreamOwner = string | null;

/** A time that is over by any clock. */
const AT_ONCE = new Date(0);
/** The columns of a receiver that has not failed. */
const FRESH = { nextPushAt: AT_ONCE, failures: 0, failingSince: null };

const BY_ITSELF = ChangeContext.ofSystem('jobs');

/** The default delivery is to poll (SSF 1.0 section 8.1.1.1). */
const DEFAULT_DELIVERY: Delivery = { method: DELIVERY_METHODS.poll };

/** The settings of a stream, by its receiver or an administrator (SSF 1.0 section 8.1.1). */
export interface StreamSettings {
  delivery?: Delivery | undefined;
  /** Null for the algorithm of access tokens. */
  signingAlg?: 'RS256' | null | undefined;
  eventsRequested?: string[] | undefined;
  description?: string | null | undefined;
}

/** A stream, and the secret of a receiver that polls where it is new. */
export interface ConfiguredStream {
  stream: SignalStream;
  pollSecret: string | null;
}

/** Administers the streams of shared signals. */
@Injectable()
export class StreamsService {
  constructor(
    @InjectRepository(SignalStream) private readonly streams: Repository<SignalStream>,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly deliveries: DeliveryService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Creates a stream. Throws `invalid_request`, `too_many_streams`. */
  async create(
    settings: StreamSettings & { audience?: string | undefined },
    owner: StreamOwner,
    cause: ChangeContext,
  ): Promise<ConfiguredStream> {
    const now = this.clock.date();
    const id = uuidv7(now.getTime());
    const { columns, pollSecret } = this.deliveries.columnsOf(id, settings.delivery ?? DEFAULT_DELIVERY);
    const stream = this.streams.create({
      id,
      clientId: owner,
      audience: owner ?? settings.audience ?? id,
      ...columns,
      signingAlg: settings.signingAlg === undefined ? defaultSigningAlg(owner) : settings.signingAlg,
      eventsRequested: settings.eventsRequested ?? [...EVENTS_SUPPORTED],
      description: settings.description ?? null,
      status: 'enabled',
      reason: null,
      nextPushAt: AT_ONCE,
      attempts: '0',
      leasedUntil: null,
      failures: 0,
      failingSince: null,
      dropped: '0',
      verificationRequestedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await this.transactions.run(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [STREAMS_LOCK]);
      if ((await manager.count(SignalStream)) >= MAX_STREAMS) throw new AppError('too_many_streams');
      const owned = owner === null ? 0 : await manager.countBy(SignalStream, { clientId: owner });
      if (owned >= MAX_STREAMS_OF_ACCOUNT) throw new AppError('too_many_streams');
      await manager.insert(SignalStream, stream);
      await this.record('signal_stream.created', id, { client: owner }, cause, manager);
    });
    return { stream, pollSecret };
  }

  list(owner: StreamOwner): Promise<SignalStream[]> {
    return this.streams.find({ where: ownedBy(owner), order: { id: 'ASC' } });
  }

  /** Throws `not_found`. */
  async get(id: string, owner: StreamOwner): Promise<SignalStream> {
    const stream = isUuid(id) ? await this.streams.findOneBy({ id, ...ownedBy(owner) }) : null;
    if (!stream) throw new AppError('not_found');
    return stream;
  }

  /**
   * Changes the given settings. A delivery that differs from the old one replaces all of it. Throws `not_found`,
   * `invalid_request`.
   */
  update(id: string, settings: StreamSettings, owner: StreamOwner, cause: ChangeContext): Promise<ConfiguredStream> {
    return this.transactions.run(async (manager) => {
      const stream = await lock(id, owner, manager);
      const { delivery: wanted } = settings;
      const isNew = wanted !== undefined && !this.deliveries.isThatOf(stream, wanted);
      const delivery = isNew ? this.deliveries.columnsOf(id, wanted) : null;
      const now = this.clock.date();
      const changes: Partial<SignalStream> = {
        // The failures of the former receiver say nothing about the new one.
        ...(delivery && { ...delivery.columns, ...FRESH, ...withoutLease(stream) }),
        ...(settings.signingAlg !== undefined && { signingAlg: settings.signingAlg }),
        ...(settings.eventsRequested && { eventsRequested: settings.eventsRequested }),
        ...(settings.description !== undefined && { description: settings.description }),
        updatedAt: now,
      };
      await manager.update(SignalStream, { id }, changes);
      await this.record('signal_stream.updated', id, {}, cause, manager);
      return { stream: Object.assign(stream, changes), pollSecret: delivery?.pollSecret ?? null };
    });
  }

  /** Changes all settings: absent ones are as in a new stream. Throws `not_found`, `invalid_request`. */
  async replace(
    id: string,
    settings: StreamSettings,
    owner: StreamOwner,
    cause: ChangeContext,
  ): Promise<ConfiguredStream> {
    const { clientId } = await this.get(id, owner);
    const {
      delivery = DEFAULT_DELIVERY,
      signingAlg = defaultSigningAlg(clientId),
      eventsRequested = [...EVENTS_SUPPORTED],
      description = null,
    } = settings;
    return this.update(id, { delivery, signingAlg, eventsRequested, description }, owner, cause);
  }

  /** Throws `not_found`. */
  async delete(id: string, owner: StreamOwner, cause: ChangeContext): Promise<void> {
    // In two steps, so that a revocation meanwhile does not wait until all events of the stream are deleted.
    await this.setStatus(id, 'disabled', null, owner, cause);
    await this.transactions.run(async (manager) => {
      await manager.delete(SignalStream, { id });
      await this.record('signal_stream.deleted', id, {}, cause, manager);
    });
  }

  /** Throws `not_found`. */
  setStatus(
    id: string,
    status: StreamStatus,
    reason: string | null,
    owner: StreamOwner,
    cause: ChangeContext,
  ): Promise<SignalStream> {
    return this.transactions.runLong(async (manager) => {
      const stream = await lock(id, owner, manager);
      return this.change(stream, status, reason, cause, manager);
    });
  }

  /** Pauses a stream whose receiver has failed for long. It stays paused until somebody enables it. */
  async pause(id: string, reason: string): Promise<void> {
    await this.transactions.run(async (manager) => {
      const stream = await lock(id, null, manager);
      if (stream.status === 'enabled') await this.change(stream, 'paused', reason, BY_ITSELF, manager);
    });
  }

  /** Sends a verification event (SSF 1.0 section 8.1.4). Throws `not_found`, `rate_limited`. */
  verify(id: string, state: string | undefined, owner: StreamOwner): Promise<void> {
    return this.transactions.run(async (manager) => {
      const { verificationRequestedAt } = await lock(id, owner, manager);
      const earliest = (verificationRequestedAt?.getTime() ?? -Infinity) + MIN_VERIFICATION_INTERVAL * 1000;
      const wait = Math.ceil((earliest - this.clock.now()) / 1000);
      if (wait > 0) throw new AppError('rate_limited', { retryAfterSeconds: wait });
      await manager.update(SignalStream, { id }, { verificationRequestedAt: this.clock.date() });
      await this.outbox.appendAbout(id, VERIFICATION, { ...(state !== undefined && { state }) }, manager);
    });
  }

  /** Deletes the streams of deleted service accounts, in two steps as {@link delete} does. */
  deleteOrphans(): Promise<void> {
    const orphaned =
      'client_id IS NOT NULL AND NOT EXISTS (SELECT FROM clients WHERE clients.id = signal_streams.client_id)';
    return this.transactions.runLong(async (manager) => {
      await manager.query(`DELETE FROM signal_streams WHERE status = 'disabled' AND ${orphaned}`);
      await manager.query(`UPDATE signal_streams SET status = 'disabled' WHERE ${orphaned}`);
    });
  }

  private record(
    event: Extract<AuditEventName, `signal_stream.${string}`>,
    subject: string,
    details: AuditRecord['details'] & object,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    return this.events.emit(new RecordedChange({ event, subject, details }, cause, this.clock.date()), manager);
  }

  private async change(
    stream: SignalStream,
    status: StreamStatus,
    reason: string | null,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<SignalStream> {
    const now = this.clock.date();
    const changes = { status, reason, updatedAt: now, ...(status === 'enabled' && FRESH) };
    await manager.update(SignalStream, { id: stream.id }, changes);
    // SSF 1.0 section 8.1.2.1: a disabled stream has no events.
    if (status === 'disabled') await manager.query('DELETE FROM signal_events WHERE stream_id = $1', [stream.id]);
    if (status !== stream.status) {
      await this.outbox.appendAbout(stream.id, STREAM_UPDATED, { status, ...(reason && { reason }) }, manager);
      await this.record('signal_stream.status_changed', stream.id, { status }, cause, manager);
    }
    return Object.assign(stream, changes);
  }
}

/**
 * Returns the signing algorithm of a new stream. Service accounts follow the CAEP interoperability profile, which
 * requires RS256.
 */
const defaultSigningAlg = (owner: StreamOwner): 'RS256' | null => (owner === null ? null : 'RS256');

/** Takes the lease of a stream away: its worker settles nothing more, and another may serve it at once. */
const withoutLease = ({ attempts }: SignalStream): Pick<SignalStream, 'attempts' | 'leasedUntil'> => ({
  attempts: String(BigInt(attempts) + 1n),
  leasedUntil: null,
});

const ownedBy = (owner: StreamOwner): { clientId?: string } => (owner === null ? {} : { clientId: owner });

async function lock(id: string, owner: StreamOwner, manager: EntityManager): Promise<SignalStream> {
  const where = { id, ...ownedBy(owner) };
  const stream = isUuid(id)
    ? await manager.findOne(SignalStream, { where, lock: { mode: 'for_no_key_update' } })
    : null;
  if (!stream) throw new AppError('not_found');
  return stream;
}
