import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ApiKeyRevocations } from '../../api-keys/api-key-revocations.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';

/** Gives an account to the person who reads the mails of its address. */
@Injectable()
export class ProvedAccounts {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly keys: ApiKeyRevocations,
  ) {}

  /** Gives an account a former address back, and ends all sessions, the personal access tokens and the password. */
  async takeBack(before: User, email: string, cause: ChangeContext, manager: EntityManager): Promise<User> {
    const refuseTokensOfKeys = await this.keys.deleteAllWithin(before.id, cause, manager);
    await this.passwords.remove(before.id, manager);
    const restored = await this.users.moveTo(before, email, cause, manager);
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
