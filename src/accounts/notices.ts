import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { User } from '../users/user.entity.js';
import { UserPasswordChanged } from '../users/user.events.js';
import { AccountMails } from './account-mails.js';
import { PasswordChangedMail } from './mails/password-changed.mail.js';

/** Tells people by mail what has changed about the way into their account, in the transaction of the change. */
@Injectable()
export class Notices implements OnModuleInit {
  constructor(
    private readonly events: TransactionalEvents,
    private readonly mails: AccountMails,
    private readonly passwordChanged: PasswordChangedMail,
  ) {}

  onModuleInit(): void {
    this.mails.add(this.passwordChanged);
    this.events.on(UserPasswordChanged, (event, manager) => this.tellOfPassword(event, manager));
  }

  private async tellOfPassword({ userId, by, at, cause }: UserPasswordChanged, manager: EntityManager): Promise<void> {
    const user = await manager.findOneBy(User, { id: userId });
    if (!user) return;
    const payload = { by, at: at.toISOString(), address: cause.address ?? '?' };
    await this.mails.notify(this.passwordChanged, { to: user.email, locale: user.locale, payload }, manager);
  }
}
