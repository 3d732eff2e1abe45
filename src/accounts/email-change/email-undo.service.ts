import { Injectable } from '@nestjs/common';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import type { RequestOrigin } from '../address-requests.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { EMAIL_UNDO, OF_ONE_PASSWORD } from '../purposes.js';
import { ProvedAccounts } from '../recovery/proved-accounts.js';
import { RecoveryMailsService } from '../recovery/recovery-mails.service.js';

/** Takes a change of an address back. */
@Injectable()
export class EmailUndoService {
  constructor(
    private readonly proofs: MailProofs,
    private readonly users: UsersService,
    private readonly accounts: ProvedAccounts,
    private readonly recovery: RecoveryMailsService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Gives an account its former address back, ends all that opens it, and mails the way to a new password. Throws what
   * `MailProofs.find` does, and `email_taken`.
   */
  async undo(token: string, cause: ChangeContext, origin: RequestOrigin): Promise<void> {
    const proof = { token };
    const value = await this.proofs.find(EMAIL_UNDO, proof);
    const byOwner = cause.by({ kind: 'user', id: value.subject });
    await this.transactions.run(async (manager) => {
      const user = await this.users.lockIfThere(value.subject, manager);
      await this.proofs.use(value, OF_ONE_PASSWORD, manager);
      if (user?.status !== 'active') throw refusedProof(proof, 'user: is gone or disabled');
      // Later changes were made by somebody who had the account by then; links of earlier ones lead further back, and stay.
      await this.proofs.discardLater(value, manager);
      const former = { email: value.data.email, since: value.createdAt };
      const restored = await this.accounts.takeBack(user, former, byOwner, manager);
      await this.recovery.send(restored, 'asked', origin, manager);
    });
  }
}
