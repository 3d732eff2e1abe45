import { Injectable } from '@nestjs/common';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { MailRefusals } from '../../platform/mail/mail-refusals.js';
import type { OneTimeValue } from '../../platform/one-time/one-time-purpose.js';
import { UsersService } from '../../users/users.service.js';
import type { MailProof } from '../mail-proof.dto.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { EMAIL_VERIFICATION, faultOfRecipient, type SentTo } from '../purposes.js';

/** Records that an address was proved. */
@Injectable()
export class AddressVerification {
  constructor(
    private readonly proofs: MailProofs,
    private readonly users: UsersService,
    private readonly refusals: MailRefusals,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Uses the value of a mail up and marks the address as verified, in one transaction. Throws `link_used`, and the refusal
   * of the proof where the user is gone or disabled, or the credentials have changed since the mail was sent.
   */
  async verify(value: OneTimeValue<SentTo>, proof: MailProof, cause: ChangeContext): Promise<void> {
    const { email } = await this.transactions.run(async (manager) => {
      const user = await this.users.lockIfThere(value.subject, manager);
      await this.proofs.use(value, [EMAIL_VERIFICATION], manager);
      const fault = faultOfRecipient(user, value.data);
      if (fault !== null) throw refusedProof(proof, fault);
      await this.users.verifyEmail(user!, cause, manager);
      return user!;
    });
    await this.refusals.clear(email);
  }
}
