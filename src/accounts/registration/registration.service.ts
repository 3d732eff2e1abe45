import { Injectable } from '@nestjs/common';
import { AccountsService } from '../../auth/accounts.service.js';
import { emailVerificationOf } from '../../auth/email-verification.js';
import { AppError } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { User } from '../../users/user.entity.js';
import { AddressRequests, type RequestOrigin } from '../address-requests.js';
import { VerificationMailsService } from '../verification/verification-mails.service.js';
import { REGISTRATION } from './registration-mails.service.js';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly displayName: string | null | undefined;
  readonly locale: Locale | null;
}

/** Creates accounts for those who register. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly config: Config,
    private readonly accounts: AccountsService,
    private readonly requests: AddressRequests,
    private readonly mails: VerificationMailsService,
  ) {}

  /**
   * Creates an account, and asks its owner to verify the address. Null where that is required: then neither the answer nor
   * its time tells whether there was an account before. Throws `registration_closed`, `invalid_request`, `overloaded`, and
   * `email_taken` where it is not required.
   */
  async register(account: Registration, cause: ChangeContext, origin: RequestOrigin): Promise<User | null> {
    if (this.config.registration === 'closed') throw new AppError('registration_closed');
    const verification = emailVerificationOf(this.config);
    if (verification === 'required') {
      await this.accounts.createUnlessTaken(account, cause, (created, manager) =>
        this.requests.addWithin({ what: REGISTRATION, email: account.email, origin, created }, manager),
      );
      return null;
    }
    return this.accounts.create(account, cause, 'all', async (user, manager) => {
      if (verification === 'optional') await this.mails.send(user, origin, manager);
    });
  }
}
