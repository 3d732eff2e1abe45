import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError, invalidField } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { RecordedChange } from '../platform/events/recorded-change.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { ApiKeyCodec } from './api-key-codec.js';
import { ApiKey } from './api-key.entity.js';
import { hashKeySecret, newKeyId, newKeySecret } from './api-key.js';
import { lockOwner, ownedBy, type KeyOwner } from './key-owner.js';

/** The most keys of one owner. */
const MAX_KEYS = 50;

/** The properties of a key that is to be created. */
export interface NewApiKey {
  name: string;
  scopes: string[];
  /** Undefined: the first audience of the client. It has no meaning for a user. */
  audiences?: string[] | undefined;
  withRoles?: boolean | undefined;
  /** Seconds; null for a key that is valid until it is deleted, which a user's key cannot be. */
  lifetime: number | null;
}

/** A new key, in the only moment in which it is known. */
export interface CreatedApiKey {
  stored: ApiKey;
  text: string;
}

/** Creates and lists keys. `ApiKeyRevocations` ends them. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly codec: ApiKeyCodec,
    private readonly clock: Clock,
  ) {}

  /** Lists the keys of an owner, the oldest first. */
  list(owner: KeyOwner): Promise<ApiKey[]> {
    return this.keys.find({ where: ownedBy(owner), order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Creates a key. Throws `not_found`, `invalid_request` for more than the owner may have, `too_many_api_keys`. */
  create(owner: KeyOwner, wanted: NewApiKey, cause: ChangeContext): Promise<CreatedApiKey> {
    return this.transactions.run(async (manager) => {
      const row = await lockOwner(owner, manager);
      // A user whose access ends during the request must not keep a key that would work when the access is restored.
      if (owner.kind === 'pat' && row.status !== 'active') throw new AppError('not_found');
      const audiences = wanted.audiences ?? row.audiences?.slice(0, 1) ?? [];
      refuseMore('scopes', wanted.scopes, row.scopes ?? this.config.personalTokenScopes, SCOPES_OF[owner.kind]);
      refuseMore('audiences', audiences, row.audiences ?? [], 'an administrator adds to those of the service account');
      await this.makeRoom(owner, manager);
      const [id, secret, now] = [newKeyId(), newKeySecret(), this.clock.date()];
      const stored: ApiKey = {
        id,
        userId: owner.kind === 'pat' ? owner.id : null,
        clientId: owner.kind === 'key' ? owner.id : null,
        name: wanted.name,
        secretHash: hashKeySecret(secret),
        scopes: wanted.scopes,
        audiences,
        withRoles: wanted.withRoles ?? false,
        createdAt: now,
        expiresAt: wanted.lifetime === null ? null : new Date(now.getTime() + wanted.lifetime * 1000),
        issuedAt: null,
        lastUsedAt: null,
        lastUsedAddress: null,
      };
      await manager.insert(ApiKey, stored);
      const details = { key: id, scopes: stored.scopes, expires_at: stored.expiresAt };
      const record = { event: 'api_key.created', subject: owner.id, details } as const;
      await this.events.emit(new RecordedChange(record, cause, now), manager);
      return { stored, text: this.codec.encode({ kind: owner.kind, id, secret }) };
    });
  }

  private async makeRoom(owner: KeyOwner, manager: EntityManager): Promise<void> {
    const expired = manager.createQueryBuilder().delete().from(ApiKey).where(ownedBy(owner));
    await expired.andWhere('expires_at <= :now', { now: this.clock.date() }).execute();
    if ((await manager.countBy(ApiKey, ownedBy(owner))) >= MAX_KEYS) throw new AppError('too_many_api_keys');
  }
}

/** The place where an administrator decides which scopes a key may have. */
const SCOPES_OF: Record<KeyOwner['kind'], string> = {
  pat: 'an operator lists those that people may give in PERSONAL_TOKEN_SCOPES',
  key: 'an administrator adds to those of the service account',
};

function refuseMore(field: string, wanted: readonly string[], allowed: readonly string[], source: string): void {
  if (wanted.every((item) => allowed.includes(item))) return;
  const which = allowed.length === 0 ? 'must be empty' : `must be among ${allowed.join(', ')}`;
  throw invalidField(field, 'allowed', `${field} ${which}: ${source}`);
}
