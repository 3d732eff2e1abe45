import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import type { UserReach } from '../users/user-reach.js';
import { UsersService } from '../users/users.service.js';
import { SecondFactorChanged } from './mfa.events.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { TotpFactors } from './totp/totp-factors.js';

/** Adds and removes second factors of users. Every change locks the row of the user first. */
@Injectable()
export class SecondFactorsService {
  constructor(
    private readonly users: UsersService,
    private readonly totp: TotpFactors,
    private readonly codes: RecoveryCodes,
    private readonly events: TransactionalEvents,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds an authenticator app that does not count before {@link confirmTotp}. Throws `not_found`, `email_not_verified`,
   * `too_many_factors`.
   */
  addTotp(userId: string, name: string): Promise<{ id: string; secret: Buffer; email: string }> {
    return this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, 'all');
      return { ...(await this.totp.add(user, name, manager)), email: user.email };
    });
  }

  /** Confirms it by its first code: from now on each sign-in needs a second factor. Throws `not_found`, `second_factor_invalid`. */
  async confirmTotp(userId: string, id: string, code: string, cause: ChangeContext): Promise<void> {
    await this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, 'all');
      const factor = await this.totp.find(id, userId);
      if (!factor || factor.confirmedAt) throw new AppError('not_found');
      if (!(await this.totp.confirm(factor, code, manager)))
        throw new AppError('second_factor_invalid', { reason: 'totp: the first code is wrong' });
      if (!user.secondFactor) await this.users.setSecondFactor(user, true, manager);
      await this.tell(userId, 'added', cause, manager);
    });
  }

  /** Removes a factor. With the last one the recovery codes go, and the password suffices again. Throws `not_found`. */
  async remove(userId: string, id: string, cause: ChangeContext): Promise<void> {
    await this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, 'all');
      const removed = await this.totp.remove(id, userId, manager);
      if (!removed) throw new AppError('not_found');
      if (removed.confirmedAt === null) return;
      if ((await this.totp.countConfirmed(userId, manager)) === 0) {
        await this.codes.removeAll(userId, manager);
        await this.users.setSecondFactor(user, false, manager);
      }
      await this.tell(userId, 'removed', cause, manager);
    });
  }

  /** Replaces the recovery codes. Throws `not_found`, `no_second_factor`. */
  renewRecoveryCodes(userId: string, cause: ChangeContext): Promise<string[]> {
    return this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, 'all');
      if (!user.secondFactor) throw new AppError('no_second_factor');
      await this.tell(userId, 'recovery_codes', cause, manager);
      return this.codes.renew(userId, manager);
    });
  }

  /** Removes all factors of a user who has lost them. Throws `not_found`, `forbidden` for users out of reach. */
  async reset(userId: string, cause: ChangeContext, reach: UserReach): Promise<void> {
    await this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, reach);
      await this.totp.removeAll(userId, manager);
      await this.codes.removeAll(userId, manager);
      if (!user.secondFactor) return;
      await this.users.setSecondFactor(user, false, manager);
      await this.tell(userId, 'reset', cause, manager);
    });
  }

  private tell(
    userId: string,
    change: SecondFactorChanged['change'],
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    return this.events.emit(new SecondFactorChanged(userId, change, cause, this.clock.date()), manager);
  }
}
