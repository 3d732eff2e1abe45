import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClientAccessReduced } from '../clients/client.events.js';
import type { AuditRecord } from '../common/audit-events.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Transactions } from '../platform/database/transactions.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { RecordedChange } from '../platform/events/recorded-change.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { UserAccessEnded, UserRolesReduced } from '../users/user.events.js';
import { ApiKeyCodec } from './api-key-codec.js';
import { hashKeySecret } from './api-key.js';
import { lockOwner, ofClient, personal, type KeyOwner } from './key-owner.js';

/** Ends keys, and refuses the access tokens that they were exchanged for, in the same transaction. */
@Injectable()
export class ApiKeyRevocations implements OnModuleInit {
  private readonly logger = new Logger(ApiKeyRevocations.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly revocations: RevocationService,
    private readonly codec: ApiKeyCodec,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.events.on(UserAccessEnded, async (event, manager) => {
      event.noteIssued(await this.lastIssuedAt(event.userId, [true, false], manager));
    });
    this.events.on(UserRolesReduced, async (event, manager) => {
      event.noteIssued(await this.lastIssuedAt(event.userId, [true], manager));
    });
    // The client is the subject of its keys' tokens, not their `client_id`.
    this.events.on(ClientAccessReduced, ({ clientId, notBefore, cause }, manager) =>
      this.revocations.revokeTokens('user', clientId, cause, manager, notBefore),
    );
  }

  /** Deletes a key. Throws `not_found`. */
  async delete(owner: KeyOwner, keyId: string, cause: ChangeContext): Promise<void> {
    await this.transactions.run((manager) => this.deleteWithin(owner, { id: keyId }, cause, manager));
  }

  /**
   * Deletes all keys of a user, whose row the transaction holds. Their tokens are refused by the function that it returns,
   * which is called once the rows of sessions are locked.
   */
  async deleteAllWithin(userId: string, cause: ChangeContext, manager: EntityManager): Promise<() => Promise<void>> {
    const gone = await manager.query<DeletedKey[]>(deleted('user_id = $1'), [userId]);
    for (const { id: key } of gone) await this.record({ subject: userId, details: { key } }, cause, manager);
    return async () => {
      for (const key of gone) await this.refuseTokens(key, cause, manager);
    };
  }

  /** Deletes a key that a caller shows completely, since such a caller could also use it. Ignores every other text. */
  async deleteLeaked(text: string, cause: ChangeContext): Promise<void> {
    const claim = this.codec.decode(text);
    if (!claim) return;
    await this.transactions
      .run(async (manager) => {
        const [found] = await manager.query<{ user_id: string | null; client_id: string | null }[]>(
          'SELECT user_id, client_id FROM api_keys WHERE id = $1 AND secret_hash = $2',
          [claim.id, hashKeySecret(claim.secret)],
        );
        if (!found) return;
        const { user_id, client_id } = found;
        const owner = user_id ? personal(user_id) : ofClient(client_id!);
        await this.deleteWithin(owner, { id: claim.id, reason: 'leaked' }, cause, manager);
        this.transactions.afterCommit(manager, () => {
          this.logger.warn({ event: 'api_key_leaked', api_key_id: claim.id, owner: owner.id });
        });
      })
      .catch((error: unknown) => {
        // Another caller has deleted it at the same moment.
        if (!(error instanceof AppError && error.code === 'not_found')) throw error;
      });
  }

  private async deleteWithin(
    owner: KeyOwner,
    { id: keyId, reason }: { id: string; reason?: 'leaked' },
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    await lockOwner(owner, manager);
    const ownKey = `id = $1 AND ${owner.kind === 'pat' ? 'user_id' : 'client_id'} = $2`;
    const [gone] = await manager.query<DeletedKey[]>(deleted(ownKey), [keyId, owner.id]);
    if (!gone) throw new AppError('not_found');
    await this.record({ subject: owner.id, details: { key: keyId }, ...(reason && { reason }) }, cause, manager);
    await this.refuseTokens(gone, cause, manager);
  }

  private record(deletion: Omit<AuditRecord, 'event'>, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const record = { event: 'api_key.deleted', ...deletion } as const;
    return this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
  }

  /** Refuses the tokens of a deleted key: none states a later time, and none will, because the row is gone. */
  private async refuseTokens({ id, issued }: DeletedKey, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const notBefore = Math.max(this.clock.seconds(), issued ?? 0);
    await this.revocations.revokeTokens('client', id, cause, manager, notBefore);
  }

  /** Returns the latest `iat` of the tokens of a user's keys with or without roles, in seconds; null for none. */
  private async lastIssuedAt(userId: string, withRoles: boolean[], manager: EntityManager): Promise<number | null> {
    const [{ latest }] = await manager.query<[{ latest: number | null }]>(
      `SELECT floor(extract(epoch FROM max(issued_at)))::float8 AS latest FROM api_keys
       WHERE user_id = $1 AND with_roles = ANY ($2)`,
      [userId, withRoles],
    );
    return latest;
  }
}

/** A key that is gone, and the latest `iat` that a token of it states, in seconds; null for none. */
interface DeletedKey {
  id: string;
  issued: number | null;
}

const deleted = (condition: string): string =>
  `WITH gone AS (DELETE FROM api_keys WHERE ${condition} RETURNING id, issued_at)
   SELECT id, floor(extract(epoch FROM issued_at))::float8 AS issued FROM gone`;
