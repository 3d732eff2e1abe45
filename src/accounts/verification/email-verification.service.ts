import { Injectable } from '@nestjs/common';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { MailRefusals } from '../../platform/mail/mail-refusals.js';
import { UsersService } from '../../users/users.service.js';
import { AddressRequests, type RequestOrigin } from '../address-requests.js';
import type { MailProof } from '../mail-proof.dto.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { EMAIL_VERIFICATION, faultOfRecipient } from '../purposes.js';

/** Proves that people read the mail of their address. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly requests: AddressRequests,
    private readonly proofs: MailProofs,
    private readonly users: UsersService,
    private readonly refusals: MailRefusals,
    private readonly transactions: Transactions,
  ) {}

  /** Stores the request; whether a mail is sent for it is found out later. */
  async request(email: string, origin: RequestOrigin): Promise<void> {
    await this.requests.add({ what: EMAIL_VERIFICATION.name, email, origin });
  }

  /** Throws what `MailProofs.find` does. */
  async verify(proof: MailProof, cause: ChangeContext): Promise<void> {
    const value = await this.proofs.find(EMAIL_VERIFICATION, proof);
    const byOwner = cause.by({ kind: 'user', id: value.subject });
    const { email } = await this.transactions.run(async (manager) => {
      const user = await this.users.lockIfThere(value.subject, manager);
      await this.proofs.use(value, [EMAIL_VERIFICATION], manager);
      const fault = faultOfRecipient(user, value.data);
      if (fault !== null) throw refusedProof(proof, fault);
      await this.users.verifyEmail(user!, byOwner, manager);
      return user!;
    });
    await this.refusals.clear(email);
  }
}
