import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditRecord } from '../common/audit-events.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Transactions } from '../platform/database/transactions.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RecordedChange } from '../platform/events/recorded-change.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { ClientDirectory, CLIENTS_TOPIC, EPOCH_AHEAD_SECONDS } from './client-directory.js';
import { Client } from './client.entity.js';
import { ClientAccessReduced } from './client.events.js';

/** The changed client, and whether it can do less than before. */
interface Change {
  client: Client;
  reduces: boolean;
  /** The record of the change in the audit log. */
  record: Omit<AuditRecord, 'subject'>;
}

/** Changes clients, and emits the events that follow. */
@Injectable()
export class ClientChanges {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly bus: ClusterBus,
    private readonly revocations: RevocationService,
    private readonly directory: ClientDirectory,
    private readonly clock: Clock,
  ) {}

  /** Stores a new client. */
  create(client: Client, cause: ChangeContext): Promise<Client> {
    return this.transactions.run(async (manager) => {
      await manager.insert(Client, client as object);
      await this.record({ event: 'client.created', subject: client.id }, cause, manager);
      return client;
    });
  }

  /** Runs work under the lock of the client's row; where it reduces what the client can do, its tokens are refused. */
  run(
    id: string,
    cause: ChangeContext,
    work: (client: Client, manager: EntityManager) => Promise<Change>,
  ): Promise<Client> {
    return this.transactions.run(async (manager) => {
      const before = await manager.findOne(Client, { where: { id }, lock: { mode: 'for_no_key_update' } });
      if (!before) throw new AppError('not_found');
      const { client, reduces, record } = await work(before, manager);
      await this.record({ ...record, subject: id }, cause, manager);
      await this.bus.notify(CLIENTS_TOPIC, manager);
      this.transactions.afterCommit(manager, () => this.directory.forget());
      if (reduces) await this.refuseTokens(id, cause, manager);
      return client;
    });
  }

  private record(record: AuditRecord, cause: ChangeContext, manager: EntityManager): Promise<void> {
    return this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
  }

  private async refuseTokens(id: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const epoch = this.clock.seconds() + EPOCH_AHEAD_SECONDS;
    await this.events.emit(new ClientAccessReduced(id, epoch, cause, this.clock.date()), manager);
    // The epoch never goes back, whatever the clock does.
    await manager.query('UPDATE clients SET token_epoch = greatest(token_epoch, $2) WHERE id = $1', [id, epoch]);
    await this.revocations.revokeTokens('client', id, cause, manager, epoch);
  }
}
