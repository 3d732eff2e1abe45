import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { canonicalEmail } from '../../common/email.js';
import { AppError } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { RecordedChange } from '../../platform/events/recorded-change.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { ProvedAccounts } from '../recovery/proved-accounts.js';
import type { Invitation } from './invitation.entity.js';

/** The choices of the invited person. */
interface Choices {
  readonly hash: string;
  readonly displayName: string | undefined;
  readonly locale: Locale | null;
}

/** The accounts of people who accept an invitation. */
@Injectable()
export class InvitedAccounts {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly proved: ProvedAccounts,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
  ) {}

  /** Locks the account that the invitation is for, or that its address has got meanwhile; null where there is none. */
  async lock({ userId, email }: Invitation, manager: EntityManager): Promise<User | null> {
    const id = userId ?? (await this.users.idOf(email));
    return id === null ? null : this.users.lockIfThere(id, manager);
  }

  /**
   * Creates the account, or gives the one that there is to the invited person, as the last step of a transaction that has
   * locked it. Throws `email_taken` where its owner has verified the address and has a password, `link_invalid` where it is
   * disabled or has another address.
   */
  async give(
    invitation: Invitation,
    user: User | null,
    choices: Choices,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    if (user) return this.handOver(invitation, user, choices.hash, cause, manager);
    const { email, roles } = invitation;
    const locale = invitation.locale ?? choices.locale;
    const account = { email, roles, locale, displayName: choices.displayName, emailVerified: true };
    const created = await this.users.create(account, cause, manager, 'all');
    await this.passwords.store(created.id, { hash: choices.hash, mustChange: false }, manager);
    await this.record(invitation.id, created.id, cause, manager);
  }

  private async handOver(
    { id, emailFolded, roles, userId }: Invitation,
    user: User,
    hash: string,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    const fault =
      user.status !== 'active'
        ? 'is disabled'
        : canonicalEmail(user.email) !== emailFolded
          ? 'has another address'
          : null;
    if (fault !== null) throw new AppError('link_invalid', { reason: `user: ${fault}` });
    if (user.emailVerifiedAt !== null && (await this.passwords.exists(user.id, manager)))
      throw new AppError('email_taken');
    const byOwner = cause.by({ kind: 'user', id: user.id });
    if (userId === null) await this.users.addRoles(user, roles, byOwner, manager);
    await this.record(id, user.id, byOwner, manager);
    await this.proved.setPassword(user, hash, byOwner, manager);
  }

  private async record(id: string, user: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const record = { event: 'invitation.accepted', subject: id, details: { user } } as const;
    await this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
  }
}
