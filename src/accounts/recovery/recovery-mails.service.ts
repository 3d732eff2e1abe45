import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import type { User } from '../../users/user.entity.js';
import { AddressRequests, type RequestOrigin } from '../address-requests.js';
import { MailedValues } from '../mailed-values.js';
import { PasswordRecoveryMail } from '../mails/password-recovery.mail.js';
import { PASSWORD_RECOVERY } from '../purposes.js';

/** Mails a link and a code to those who have forgotten their password. */
@Injectable()
export class RecoveryMailsService implements OnModuleInit {
  constructor(
    private readonly requests: AddressRequests,
    private readonly mailed: MailedValues,
    private readonly mail: PasswordRecoveryMail,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    this.mailed.add(this.mail);
    this.requests.on(PASSWORD_RECOVERY.name, async (user, { origin }) => {
      if (!user) return 'no account has the address';
      if (user.status !== 'active') return 'the user is disabled';
      await this.send(user, origin);
      return null;
    });
  }

  /** Stores the request; whether a mail is sent for it is found out later. */
  async request(email: string, origin: RequestOrigin): Promise<void> {
    await this.requests.add({ what: PASSWORD_RECOVERY.name, email, origin });
  }

  private async send({ id, email: to, locale, credentialsVersion }: User, origin: RequestOrigin): Promise<void> {
    const value = {
      purpose: PASSWORD_RECOVERY,
      subject: id,
      data: { credentialsVersion },
      to,
      locale: locale ?? origin.locale,
    };
    await this.transactions.run((manager) => this.mailed.send(this.mail, value, { userId: id, origin }, manager));
  }
}
