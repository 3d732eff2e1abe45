import { Injectable, type OnModuleInit } from '@nestjs/common';
import { canonicalEmail } from '../../common/email.js';
import { invalidField } from '../../common/errors.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { AccountMails } from '../account-mails.js';
import { AddressRequests, type AddressRequest, type RequestOrigin } from '../address-requests.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { EmailChangeMail } from '../mails/email-change.mail.js';
import { EmailChangedMail } from '../mails/email-changed.mail.js';
import { EMAIL_CHANGE, EMAIL_UNDO, faultOfRecipient, OF_ONE_PASSWORD } from '../purposes.js';

/** Gives an account another address, once its owner has shown to read the mail of it. */
@Injectable()
export class EmailChangeService implements OnModuleInit {
  constructor(
    private readonly requests: AddressRequests,
    private readonly proofs: MailProofs,
    private readonly users: UsersService,
    private readonly mails: AccountMails,
    private readonly toNew: EmailChangeMail,
    private readonly toFormer: EmailChangedMail,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    this.mails.add(this.toNew);
    this.mails.add(this.toFormer);
    this.requests.on(EMAIL_CHANGE.name, (owner, request) =>
      owner ? Promise.resolve('the new address has an account') : this.send(request),
    );
  }

  /** Throws `not_found`, `invalid_request` where it is the address already. */
  async request(userId: string, email: string, origin: RequestOrigin): Promise<void> {
    const user = await this.users.get(userId);
    if (canonicalEmail(user.email) === canonicalEmail(email))
      throw invalidField('email', 'same_email', 'email must be another one than the address of the account');
    const { credentialsVersion } = user;
    await this.requests.add({ what: EMAIL_CHANGE.name, email, origin, changes: { userId, credentialsVersion } });
  }

  /** Throws what `MailProofs.find` does, and `email_taken`. */
  async confirm(token: string, cause: ChangeContext): Promise<void> {
    const proof = { token };
    const value = await this.proofs.find(EMAIL_CHANGE, proof);
    const byOwner = cause.by({ kind: 'user', id: value.subject });
    await this.transactions.run(async (manager) => {
      const user = await this.users.lockIfThere(value.subject, manager);
      await this.proofs.use(value, OF_ONE_PASSWORD, manager);
      const fault = faultOfRecipient(user, value.data);
      if (fault !== null) throw refusedProof(proof, fault);
      const { id: subject, email: to, locale } = user!;
      const undo = { purpose: EMAIL_UNDO, subject, data: { email: to }, to, locale };
      await this.mails.send(this.toFormer, undo, { address: cause.address ?? '?' }, manager);
      await this.users.moveTo(user!, value.data.email, byOwner, manager);
    });
  }

  private async send({ email: to, origin, changes }: AddressRequest): Promise<string | null> {
    const user = await this.users.find(changes!.userId);
    const fault = faultOfRecipient(user, changes!);
    if (fault !== null) return fault;
    const { id: subject, locale, credentialsVersion } = user!;
    const data = { credentialsVersion, email: to };
    const value = { purpose: EMAIL_CHANGE, subject, data, to, locale: locale ?? origin.locale };
    await this.transactions.run((manager) => this.mails.send(this.toNew, value, { origin }, manager));
    return null;
  }
}
