import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { canonicalEmail } from '../../common/email.js';
import { AppError, invalidField } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import type { Role } from '../../common/principal.js';
import { uuidv7 } from '../../common/uuid.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { requireReach, type UserReach } from '../../users/user-reach.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import type { Invitation } from './invitation.entity.js';
import { InvitationsService } from './invitations.service.js';

/** A person to invite. */
export interface Invitee {
  readonly email: string;
  readonly roles: Role[] | undefined;
  readonly locale: Locale | null | undefined;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Invites people: to a new account, or to one that has no password yet. */
@Injectable()
export class InvitingService {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly invitations: InvitationsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the invitation and sends its mail. Throws `email_taken` where the address has an account with a password or one
   * that is disabled, `already_invited`, `forbidden` for roles out of reach, `invalid_request` for roles of an account
   * that has its own.
   */
  async invite(invitee: Invitee, cause: ChangeContext, reach: UserReach): Promise<Invitation> {
    const { email, expiresIn } = invitee;
    const user = await this.accountAt(email);
    if (user && invitee.roles)
      throw invalidField(
        'roles',
        'has_account',
        'roles must be absent: the address has an account, which keeps its own',
      );
    const roles = user?.roles ?? invitee.roles ?? ['user'];
    requireReach(reach, roles);
    const createdAt = this.clock.date();
    const invitation: Invitation = {
      id: uuidv7(createdAt.getTime()),
      email: email.normalize('NFC'),
      emailFolded: canonicalEmail(email)!,
      userId: user?.id ?? null,
      roles,
      locale: invitee.locale ?? user?.locale ?? null,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + expiresIn * 1000),
    };
    await this.invitations.add(invitation, cause);
    return invitation;
  }

  /** Finds the account without a password that has this address; null where none has it. Throws `email_taken`. */
  private async accountAt(email: string): Promise<User | null> {
    const id = await this.users.idOf(email);
    const user = id === null ? null : await this.users.find(id);
    if (!user) return null;
    if (user.status === 'active' && (await this.passwords.stateOf(user.id)) === 'none') return user;
    throw new AppError('email_taken');
  }
}
