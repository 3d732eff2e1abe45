import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError, invalidField } from '../common/errors.js';
import { Database } from '../platform/database/database.js';
import { Transactions } from '../platform/database/transactions.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { SessionTermination } from '../sessions/session-termination.js';
import { UsersService } from '../users/users.service.js';
import { BY_ID, verifiedPassword, type CredentialRow, type VerifiedPassword } from './credential.js';
import { PasswordHasher } from './password-hasher.js';
import { Password } from './password.entity.js';
import { normalizePassword } from './policy/password-policy.js';

/** The current password as it was typed, and the new one. */
export interface PasswordChange {
  current: string;
  next: string;
}

export type StoredPassword = Pick<Password, 'hash' | 'mustChange'>;

export const PASSWORD_STATES = ['none', 'set', 'temporary'] as const;
export type PasswordState = (typeof PASSWORD_STATES)[number];

@Injectable()
export class PasswordsService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly hasher: PasswordHasher,
    private readonly users: UsersService,
    private readonly termination: SessionTermination,
    private readonly clock: Clock,
  ) {}

  /** Returns whether a user has a password, and whether it is temporary. */
  async stateOf(userId: string): Promise<PasswordState> {
    const [row] = await this.database.execute<CredentialRow>(BY_ID, [userId]);
    if (typeof row?.hash !== 'string') return 'none';
    return row.must_change === false ? 'set' : 'temporary';
  }

  /** Stores a first password. `hash` is made by {@link PasswordHasher} before the transaction begins. */
  async store(userId: string, { hash, mustChange }: StoredPassword, manager: EntityManager): Promise<void> {
    await manager.insert(Password, { userId, hash, mustChange, updatedAt: this.clock.date() });
  }

  /**
   * Stores a temporary password in place of the current one and ends all sessions, as the last step of a transaction
   * that has raised the user's `credentials_version`.
   */
  async storeTemporary(userId: string, hash: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    await manager.upsert(Password, { userId, hash, mustChange: true, updatedAt: this.clock.date() }, ['userId']);
    await this.termination.endWithin({ userId }, 'ended_by_admin', cause, manager);
  }

  /** Tells whether a user has a password, in a transaction that holds the user's row. */
  exists(userId: string, manager: EntityManager): Promise<boolean> {
    return manager.existsBy(Password, { userId });
  }

  /** Removes the password of a user, in a transaction that holds the user's row. */
  async remove(userId: string, manager: EntityManager): Promise<void> {
    await manager.delete(Password, { userId });
  }

  /** Stores a first password of a user; nothing where there is no such user. */
  async storeIfThere(userId: string, hash: string, manager: EntityManager): Promise<void> {
    await manager.query(
      `INSERT INTO passwords (user_id, hash, must_change, updated_at) SELECT id, $2, false, $3 FROM users WHERE id = $1`,
      [userId, hash, this.clock.date()],
    );
  }

  /**
   * Stores a password of the user's own in place of what there is and ends all sessions, as the last step of a transaction
   * that has counted the user's `credentials_version` up.
   */
  async storeOwn(userId: string, hash: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    await manager.upsert(Password, { userId, hash, mustChange: false, updatedAt: this.clock.date() }, ['userId']);
    await this.termination.endWithin({ userId }, 'password_changed', cause, manager);
  }

  /**
   * Checks the password of a user. Throws `wrong_password` where it is not that of an active user,
   * `password_change_required` where it is temporary, `insufficient_user_authentication` where a sign-in needs a second
   * factor, and `overloaded`.
   */
  async confirm(userId: string, password: string): Promise<void> {
    const { isTemporary, hasSecondFactor } = await this.check(userId, password);
    if (isTemporary) throw changeRequired();
    if (hasSecondFactor) {
      const reason = 'sign-in: a recent one was expected, since the password alone is one of two factors';
      throw new AppError('insufficient_user_authentication', { reason });
    }
  }

  /**
   * Changes the password, whether it is temporary or not, and ends all sessions except the caller's, in one
   * transaction. Throws `wrong_password`, `invalid_request` (policy), `overloaded`.
   */
  async change(
    userId: string,
    currentSession: string,
    { current, next }: PasswordChange,
    cause: ChangeContext,
  ): Promise<void> {
    const verified = await this.check(userId, current);
    const replaced = await this.replace(verified, { current, next }, cause, currentSession);
    if (!replaced) throw new AppError('wrong_password');
  }

  /**
   * Replaces a password that has just been verified, and ends all sessions except `except`, in one transaction. Returns
   * null where the user was disabled or the credentials have changed since. Throws `invalid_request` (policy),
   * `overloaded`.
   */
  async replace(
    verified: VerifiedPassword,
    { current, next }: PasswordChange,
    cause: ChangeContext,
    except?: string,
  ): Promise<VerifiedPassword | null> {
    const { userId, email, credentialsVersion } = verified;
    if (verified.isTemporary && normalizePassword(current) === normalizePassword(next)) {
      throw invalidField(
        'new_password',
        'same_password',
        'new_password must be another one than the temporary password',
      );
    }
    const hash = await this.hasher.hashNew(next, { field: 'new_password', email });
    return this.transactions.run(async (manager) => {
      // The user's row is locked first, as everywhere: a sign-in under way with the old password finds another version,
      // or waits.
      const counted = await this.users.renewOwnCredentials(userId, credentialsVersion, cause, manager);
      if (!counted) return null;
      await manager.update(Password, { userId }, { hash, mustChange: false, updatedAt: this.clock.date() });
      await this.termination.endWithin({ userId, ...(except && { except }) }, 'password_changed', cause, manager);
      return { ...verified, credentialsVersion: credentialsVersion + 1, isTemporary: false };
    });
  }

  /**
   * Checks the password of a user, also a temporary one. Throws `wrong_password` where it is not that of an active user,
   * and `overloaded`.
   */
  async check(userId: string, password: string): Promise<VerifiedPassword> {
    const [row] = await this.database.execute<CredentialRow>(BY_ID, [userId]);
    const right = await this.hasher.verify(row?.hash ?? null, password);
    if (!right || row?.status !== 'active') throw new AppError('wrong_password');
    return verifiedPassword(row, this.clock.date());
  }
}

/** Makes the error that refuses a temporary password after it was verified. */
export const changeRequired = () =>
  new AppError('password_change_required', { reason: 'password: it is temporary, and no other one was sent' });
