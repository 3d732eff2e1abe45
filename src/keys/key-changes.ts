import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RecordedChange } from '../platform/events/recorded-change.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import type { KeyStep, LifecycleSettings } from './key-lifecycle.js';
import { KeyStore, type KeyTable } from './key-store.js';
import { SigningKeyRevoked } from './key.events.js';
import type { SigningKey } from './signing-key.entity.js';

const ROTATION_LOCK = 7_262_003;
const TOPIC = 'keys';

/** The keys of one kind, of which each succeeds another. */
export interface Succession {
  readonly table: KeyTable;
  readonly settings: LifecycleSettings;
}

/** Changes the stored keys, on one instance at a time, and tells all instances. */
@Injectable()
export class KeyChanges {
  private readonly logger = new Logger(KeyChanges.name);

  constructor(
    private readonly store: KeyStore,
    private readonly transactions: Transactions,
    private readonly bus: ClusterBus,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
  ) {}

  /** Lists the keys of a succession. */
  list({ table }: Succession): Promise<SigningKey[]> {
    return this.store.list(table);
  }

  /** Calls `reload` after each change, of this instance or of another one. */
  follow(reload: () => Promise<void>): void {
    this.bus.on(TOPIC, reload);
  }

  /** Takes the steps that `decide` returns, in one transaction. Returns the keys that are left. */
  apply(
    cause: ChangeContext,
    decide: (keys: SigningKey[], succession: Succession) => KeyStep[],
    successions: Succession[],
  ): Promise<SigningKey[]> {
    // Another instance may be making an RSA key meanwhile.
    return this.transactions.runLong(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [ROTATION_LOCK]);
      const kept: SigningKey[] = [];
      const revoked: string[] = [];
      for (const succession of successions) {
        const steps = decide(await this.store.list(succession.table, manager), succession);
        await this.applyAll(steps, succession, cause, manager);
        for (const step of steps) if (step.step === 'revoke') revoked.push(step.kid);
        kept.push(...(await this.store.list(succession.table, manager)));
      }
      await this.bus.notify(TOPIC, manager);
      // As the last step, because it locks the revocation log: other revocations must not wait until an RSA key has
      // been made.
      for (const kid of revoked) await this.events.emit(new SigningKeyRevoked(kid, cause, this.clock.date()), manager);
      return kept;
    });
  }

  private async applyAll(
    steps: KeyStep[],
    { table, settings }: Succession,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    for (const step of steps) {
      const kid = await this.store.apply(step, table, settings.algorithm, manager);
      // A revocation has an event of its own.
      if (step.step !== 'revoke') {
        const record = { event: 'signing_key.changed', subject: kid, reason: step.step } as const;
        await this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
      }
      const line = `Signing key: ${step.step}${'kid' in step ? ` ${step.kid}` : ` (${step.status})`}`;
      this.transactions.afterCommit(manager, () => this.logger.log(line));
    }
  }
}
