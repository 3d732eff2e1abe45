import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { invalidField } from '../common/errors.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import type { User } from '../users/user.entity.js';
import { requireReach, type UserReach } from '../users/user-reach.js';
import { UsersService, type NewUser } from '../users/users.service.js';

export interface NewAccount extends NewUser {
  password?: string | undefined;
  /** The hash of another system, instead of a password. */
  passwordHash?: string | undefined;
  /** Whether the password is temporary. */
  mustChange?: boolean | undefined;
}

/** Creates users together with their credentials. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly hasher: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates a user; `also` joins its transaction. Throws `email_taken`, `id_taken`, `invalid_request`, `overloaded`.
   */
  async create(
    account: NewAccount,
    cause: ChangeContext,
    reach: UserReach = 'all',
    also: (user: User, manager: EntityManager) => Promise<void> = () => Promise.resolve(),
  ): Promise<User> {
    if (account.createdAt && account.createdAt > this.clock.date()) {
      throw invalidField('created_at', 'past', 'created_at must not lie ahead');
    }
    const hash = await this.hashOf(account);
    const mustChange = account.mustChange ?? false;
    if (mustChange && hash === null) {
      throw invalidField('must_change_password', 'no_password', 'must_change_password must come with a password');
    }
    return this.transactions.run(async (manager) => {
      const user = await this.users.create(account, cause, manager, reach);
      if (hash) await this.passwords.store(user.id, { hash, mustChange }, manager);
      await also(user, manager);
      return user;
    });
  }

  /**
   * Creates an account with a password unless its address has one, by the same steps either way; `also` joins the
   * transaction. Throws `invalid_request` (policy), `overloaded`.
   */
  async createUnlessTaken(
    account: NewAccount & { password: string },
    cause: ChangeContext,
    also: (created: boolean, manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    const hash = await this.hasher.hashNew(account.password, { field: 'password', email: account.email });
    await this.transactions.run(async (manager) => {
      const { id, created } = await this.users.createUnlessTaken(account, cause, manager);
      await this.passwords.storeIfThere(id, hash, manager);
      await also(created, manager);
    });
  }

  /**
   * Sets a password that only allows to set another one, and ends all sessions, in one transaction. Throws `not_found`,
   * `forbidden` for users out of reach, `invalid_request` (policy), `overloaded`.
   */
  async setTemporaryPassword(id: string, password: string, cause: ChangeContext, reach: UserReach): Promise<void> {
    const { email, roles } = await this.users.get(id);
    requireReach(reach, roles);
    const hash = await this.hasher.hashNew(password, { field: 'password', email });
    await this.transactions.run(async (manager) => {
      await this.users.renewCredentials(id, cause, manager, reach);
      await this.passwords.storeTemporary(id, hash, cause, manager);
    });
  }

  private async hashOf({ email, password, passwordHash }: NewAccount): Promise<string | null> {
    if (password !== undefined && passwordHash !== undefined) {
      throw invalidField(
        'password_hash',
        'exclusive',
        'password_hash and password exclude each other: send one of them',
      );
    }
    const fault = passwordHash === undefined ? null : this.hasher.faultOf(passwordHash);
    if (fault) throw invalidField('password_hash', 'hash_format', `password_hash ${fault}`);
    if (password === undefined) return passwordHash ?? null;
    return this.hasher.hashNew(password, { field: 'password', email });
  }
}
