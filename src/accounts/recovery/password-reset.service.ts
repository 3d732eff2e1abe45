import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../../passwords/password-hasher.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { MailRefusals } from '../../platform/mail/mail-refusals.js';
import type { OneTimeValue } from '../../platform/one-time/one-time-purpose.js';
import { UsersService } from '../../users/users.service.js';
import type { MailProof } from '../mail-proof.dto.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { faultOfRecipient, OF_ONE_PASSWORD, PASSWORD_RECOVERY, type SentTo } from '../purposes.js';
import { ProvedAccounts } from './proved-accounts.js';

/** Replaces a forgotten password. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly proofs: MailProofs,
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly accounts: ProvedAccounts,
    private readonly refusals: MailRefusals,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Sets the password of the user whom the link or the code was sent to, and ends all their sessions. A password that policy
   * refuses uses nothing up. Throws what `MailProofs.find` does, `invalid_request` (policy), `overloaded`.
   */
  async reset(proof: MailProof, password: string, cause: ChangeContext): Promise<void> {
    const value = await this.proofs.find(PASSWORD_RECOVERY, proof);
    await this.setPassword(value, proof, { field: 'password', password }, cause);
  }

  /** Does the same with a value that was found, of a mail that was sent for any purpose. `field`: where it was sent. */
  async setPassword(
    value: OneTimeValue<SentTo>,
    proof: MailProof,
    { field, password }: { field: string; password: string },
    cause: ChangeContext,
  ): Promise<void> {
    const email = (await this.users.find(value.subject))?.email;
    if (email === undefined) throw refusedProof(proof, 'user: is gone');
    const hash = await this.hasher.hashNew(password, { field, email });
    const byOwner = cause.by({ kind: 'user', id: value.subject });
    await this.transactions.run(async (manager) => {
      const locked = await this.users.lockIfThere(value.subject, manager);
      await this.proofs.use(value, OF_ONE_PASSWORD, manager);
      const fault = faultOfRecipient(locked, value.data);
      if (fault !== null) throw refusedProof(proof, fault);
      await this.accounts.setPassword(locked!, hash, byOwner, manager);
    });
    await this.refusals.clear(email);
  }
}
