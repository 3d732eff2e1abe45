import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { Database } from '../../platform/database/database.js';
import {
  deliverInOrder,
  type EventsInOrder,
  type FailingReceiver,
  type Sent,
} from '../../platform/outbox/deliver-in-order.js';
import { OutboxWorkers, type OutboxState } from '../../platform/outbox/outbox-workers.js';
import { ReceiverLeases, type LeasedReceiver } from '../../platform/outbox/receiver-leases.js';
import { AuditEventView } from '../audit.view.js';
import { AUDIT_TOPIC } from '../chain/audit-sealer.js';
import { AuditTail, type SealedEvent } from '../tail/audit-tail.js';
import type { ForwardedEvent } from './audit-receiver.js';
import { ADVANCE, BEGIN, LACKS_EVENTS, STATE } from './forwarding.statements.js';
import { ocsfOf } from './ocsf.js';
import { Receivers } from './receivers.js';

/** The most characters of a batch beyond its first event. */
const MAX_BATCH = 256 * 1024;

interface ClaimedReceiver extends LeasedReceiver {
  /** The number of the last event that the receiver has accepted. */
  position: string;
}

type Batch = readonly ForwardedEvent[];

const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * Forwards the audit log to other systems, in its order and each event at least once. Its outbox is the chain itself: a
 * receiver is a number in it, so that one that is away costs neither requests nor rows.
 */
@Injectable()
export class AuditForwarding implements OnModuleInit {
  private readonly logger = new Logger(AuditForwarding.name);

  constructor(
    private readonly receivers: Receivers,
    private readonly tail: AuditTail,
    private readonly database: Database,
    private readonly workers: OutboxWorkers,
    private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const { ids } = this.receivers;
    if (ids.length === 0) return;
    await this.database.execute(BEGIN, [ids]);
    const leases = new ReceiverLeases<ClaimedReceiver>(this.database, {
      name: 'audit_forwarding',
      table: 'audit_forwarding',
      ready: `receiver.id IN (${ids.map((id) => `'${id}'`).join(', ')}) AND ${LACKS_EVENTS}`,
      columns: ['position'],
    });
    const events: EventsInOrder<ClaimedReceiver, Batch> = {
      leases,
      next: (receiver, limit) => this.next(receiver, limit),
      // One batch after the other.
      keyOf: () => null,
      send: (receiver, batch, closing) => this.send(receiver, batch, closing),
      failed: (receiver, failing) => this.failed(receiver, failing),
    };
    this.workers.add<ClaimedReceiver>({
      name: 'audit-forward',
      topic: AUDIT_TOPIC,
      atOnce: ids.length,
      claim: () => leases.claim(),
      deliver: (receiver, closing) => deliverInOrder(events, receiver, closing),
      state: () => this.state(ids),
    });
  }

  /** Returns the next batch for a receiver; none where it has everything. */
  private async next({ id, position }: ClaimedReceiver, limit: number): Promise<Batch[]> {
    const events = await this.tail.after(Number(position), limit);
    if (events.length === 0) return [];
    const missing = Number(events[0]!.seq) - Number(position) - 1;
    if (missing > 0) this.logger.error({ event: 'audit_forward_gap', receiver: id, after: Number(position), missing });
    const batch: ForwardedEvent[] = [];
    let size = 0;
    for (const event of events) {
      const forwarded = this.forwardedOf(event);
      size += forwarded.json.length;
      if (batch.length > 0 && size > MAX_BATCH) break;
      batch.push(forwarded);
    }
    return [batch];
  }

  private forwardedOf(row: SealedEvent): ForwardedEvent {
    const view = AuditEventView.of(row);
    const json = asciiJson(ocsfOf(view, this.config.publicUrl));
    return { seq: view.seq!, at: view.at, name: view.event, failed: view.outcome === 'failure', json };
  }

  private async send(receiver: ClaimedReceiver, batch: Batch, closing: AbortSignal): Promise<Sent> {
    try {
      await this.receivers.get(receiver.id).send(batch, closing);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { failure: code === 'ABORT_ERR' ? 'no answer in time' : (code ?? message) };
    }
    const last = batch.at(-1)!.seq;
    const advanced = await this.database.execute(ADVANCE, [receiver.id, receiver.attempts, last]);
    if (advanced.length === 0) return 'lease lost';
    receiver.position = String(last);
    return 'settled';
  }

  private failed({ id }: ClaimedReceiver, { failures, why, since }: FailingReceiver): Promise<void> {
    this.logger.warn({ event: 'audit_forward_failed', receiver: id, failures, why, since });
    return Promise.resolve();
  }

  private async state(ids: readonly string[]): Promise<OutboxState> {
    const [row] = await this.database.execute<{ waiting: number; oldest: number | null; failing: number }>(STATE, [
      ids,
    ]);
    const { waiting, oldest, failing } = row!;
    return { name: 'audit-forward', waiting, oldestSeconds: oldest, failing, lost: 0 };
  }
}
