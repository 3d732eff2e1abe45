import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { UserTakenBack } from '../users/user.events.js';
import { UsersService } from '../users/users.service.js';
import { SecondFactorChanged } from './mfa.events.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { TotpFactors } from './totp/totp-factors.js';

/**
 * Removes the second factors that somebody else may have added to an account, once its owner has taken it back: they would
 * keep the owner out for good. Those from before stay due.
 */
@Injectable()
export class TakenBackAccounts implements OnModuleInit {
  constructor(
    private readonly events: TransactionalEvents,
    private readonly users: UsersService,
    private readonly totp: TotpFactors,
    private readonly codes: RecoveryCodes,
  ) {}

  onModuleInit(): void {
    this.events.on(UserTakenBack, (event, manager) => this.removeFactors(event, manager));
  }

  private async removeFactors({ userId, since, cause, at }: UserTakenBack, manager: EntityManager): Promise<void> {
    await this.codes.removeAll(userId, manager);
    const removed = await this.totp.removeAddedSince(userId, since, manager);
    if (removed === 0) return;
    const user = await this.users.lock(userId, manager, 'all');
    if ((await this.totp.countConfirmed(userId, manager)) === 0) await this.users.setSecondFactor(user, false, manager);
    await this.events.emit(new SecondFactorChanged(userId, 'removed', cause, at), manager);
  }
}
