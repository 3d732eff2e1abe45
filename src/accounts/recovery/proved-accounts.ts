import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ApiKeyRevocations } from '../../api-keys/api-key-revocations.js';
import { Clock } from '../../common/clock.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import type { User } from '../../users/user.entity.js';
import { UserTakenBack } from '../../users/user.events.js';
import { UsersService } from '../../users/users.service.js';

/** The address that an account had, and since when it has another one. */
export interface FormerAddress {
  readonly email: string;
  readonly since: Date;
}

/** Gives an account to the person who reads the mails of its address. */
@Injectable()
export class ProvedAccounts {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly keys: ApiKeyRevocations,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives an account a former address back, and ends all sessions, the personal access tokens, the password, and the second
   * factors that were added since the address was changed.
   */
  async takeBack(
    before: User,
    { email, since }: FormerAddress,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<User> {
    const refuseTokensOfKeys = await this.keys.deleteAllWithin(before.id, cause, manager);
    await this.passwords.remove(before.id, manager);
    const restored = await this.users.moveTo(before, email, cause, manager);
    await this.events.emit(new UserTakenBack(before.id, since, cause, this.clock.date()), manager);
    await refuseTokensOfKeys();
    return restored;
  }

  /**
   * Sets the password, proves the address and ends all sessions, as the last step of a transaction that holds the user's
   * row. Where nobody had proved the address before, the account may have been made by somebody else: its personal access
   * tokens end as well.
   */
  async setPassword(before: User, hash: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    await this.users.recoverCredentials(before, cause, manager);
    const isFirstProof = before.emailVerifiedAt === null;
    const refuseTokensOfKeys = isFirstProof ? await this.keys.deleteAllWithin(before.id, cause, manager) : null;
    await this.passwords.storeOwn(before.id, hash, cause, manager);
    await refuseTokensOfKeys?.();
  }
}
