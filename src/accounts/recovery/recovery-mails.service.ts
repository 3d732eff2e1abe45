import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Transactions } from '../../platform/database/transactions.js';
import type { User } from '../../users/user.entity.js';
import { AddressRequests, type RequestOrigin } from '../address-requests.js';
import { AccountMails } from '../account-mails.js';
import { PasswordRecoveryMail } from '../mails/password-recovery.mail.js';
import { PASSWORD_RECOVERY } from '../purposes.js';

/** Mails a link and a code to those who have forgotten their password. */
@Injectable()
export class RecoveryMailsService implements OnModuleInit {
  constructor(
    private readonly requests: AddressRequests,
    private readonly mails: AccountMails,
    private readonly mail: PasswordRecoveryMail,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    this.mails.add(this.mail);
    this.requests.on(PASSWORD_RECOVERY.name, async (user, { origin }) => {
      if (!user) return 'no account has the address';
      if (user.status !== 'active') return 'the user is disabled';
      await this.transactions.run((manager) => this.send(user, 'asked', origin, manager));
      return null;
    });
  }

  /** Stores the request; whether a mail is sent for it is found out later. */
  async request(email: string, origin: RequestOrigin): Promise<void> {
    await this.requests.add({ what: PASSWORD_RECOVERY.name, email, origin });
  }

  /** `why`: a new password was asked for, or somebody has registered with an address that nobody had proved. */
  async send(user: User, why: 'asked' | 'registered', origin: RequestOrigin, manager: EntityManager): Promise<void> {
    const { id: subject, email: to, credentialsVersion } = user;
    const value = {
      purpose: PASSWORD_RECOVERY,
      subject,
      data: { credentialsVersion },
      to,
      locale: user.locale ?? origin.locale,
    };
    await this.mails.send(this.mail, value, { userId: subject, why, origin }, manager);
  }
}
