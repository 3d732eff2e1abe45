import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { emailVerificationOf } from '../../auth/email-verification.js';
import { Config, ConfigError } from '../../platform/config/config.js';
import { Transactions } from '../../platform/database/transactions.js';
import { sendsMail } from '../../platform/mail/mailer.js';
import type { User } from '../../users/user.entity.js';
import { AddressRequests, type RequestOrigin } from '../address-requests.js';
import { AccountMails } from '../account-mails.js';
import { EmailVerificationMail } from '../mails/email-verification.mail.js';
import { EMAIL_VERIFICATION } from '../purposes.js';

/** Mails a link and a code to those whose address is to be verified. */
@Injectable()
export class VerificationMailsService implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly requests: AddressRequests,
    private readonly mails: AccountMails,
    private readonly mail: EmailVerificationMail,
    private readonly transactions: Transactions,
  ) {}

  /** Throws {@link ConfigError} where nobody could ever verify an address. */
  onModuleInit(): void {
    if (emailVerificationOf(this.config) === 'required' && !sendsMail(this.config))
      throw new ConfigError([
        'EMAIL_VERIFICATION=required needs SMTP_URL in production: set it, or choose optional or off',
      ]);
    this.mails.add(this.mail);
    this.requests.on(EMAIL_VERIFICATION.name, async (user, { origin }) => {
      if (!user) return 'no account has the address';
      if (user.status !== 'active') return 'the user is disabled';
      if (user.emailVerifiedAt !== null) return 'the address is verified already';
      await this.transactions.run((manager) => this.send(user, origin, manager));
      return null;
    });
  }

  async send(user: User, origin: RequestOrigin, manager: EntityManager): Promise<void> {
    const { id: subject, email: to, credentialsVersion } = user;
    const value = {
      purpose: EMAIL_VERIFICATION,
      subject,
      data: { credentialsVersion },
      to,
      locale: user.locale ?? origin.locale,
    };
    await this.mails.send(this.mail, value, { origin }, manager);
  }
}
