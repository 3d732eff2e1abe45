import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PasswordsService } from '../../passwords/passwords.service.js';
import { Transactions } from '../../platform/database/transactions.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { AccountMails } from '../account-mails.js';
import { AddressRequests, type AddressRequest } from '../address-requests.js';
import { AccountExistsMail } from '../mails/account-exists.mail.js';
import { RecoveryMailsService } from '../recovery/recovery-mails.service.js';
import { VerificationMailsService } from '../verification/verification-mails.service.js';

/** What the requests of those are named who register where an address has to be verified. */
export const REGISTRATION = 'registration';

/** Tells the owner of an address by mail what has become of a registration, since the answer to it tells nobody. */
@Injectable()
export class RegistrationMailsService implements OnModuleInit {
  constructor(
    private readonly requests: AddressRequests,
    private readonly verification: VerificationMailsService,
    private readonly recovery: RecoveryMailsService,
    private readonly mails: AccountMails,
    private readonly exists: AccountExistsMail,
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    this.mails.add(this.exists);
    this.requests.on(REGISTRATION, async (user, request) => {
      if (!user) return 'the account is gone';
      if (user.status !== 'active') return 'the user is disabled';
      await this.tell(user, request);
      return null;
    });
  }

  private async tell({ id }: User, { origin, created }: AddressRequest): Promise<void> {
    await this.transactions.run(async (manager) => {
      const user = await this.users.lockIfThere(id, manager);
      if (!user) return;
      if (user.emailVerifiedAt !== null) {
        const mail = { to: user.email, locale: user.locale ?? origin.locale, payload: { origin } };
        await this.mails.notify(this.exists, mail, manager);
      } else if (created) {
        await this.verification.send(user, origin, manager);
      } else {
        // The account may be that of somebody else, who waits for this. A reset takes it from them; a link that verified
        // it would not, and one may be there, or be asked for: so their password goes now.
        await this.passwords.remove(user.id, manager);
        await this.recovery.send(user, 'registered', origin, manager);
      }
    });
  }
}
