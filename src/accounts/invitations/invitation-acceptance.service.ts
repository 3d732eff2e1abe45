import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import { PasswordHasher } from '../../passwords/password-hasher.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { MailProofs, refusedProof } from '../mail-proofs.js';
import { INVITATION } from '../purposes.js';
import { InvitedAccounts } from './invited-accounts.js';
import type { Invitation } from './invitation.entity.js';
import { InvitationsService } from './invitations.service.js';

/** The answer of an invited person. */
export interface Acceptance {
  readonly token: string;
  readonly password: string;
  readonly displayName: string | undefined;
  readonly locale: Locale | null;
}

/** Gives invited people their accounts. */
@Injectable()
export class InvitationAcceptanceService {
  constructor(
    private readonly proofs: MailProofs,
    private readonly invitations: InvitationsService,
    private readonly accounts: InvitedAccounts,
    private readonly hasher: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates the account of the invitation, or gives the existing one a password; the link proves the address. A password
   * that policy refuses uses nothing up. Throws what `MailProofs.find` does, `invalid_request` (policy), `email_taken` where
   * somebody has opened and verified an account with the address meanwhile, `overloaded`.
   */
  async accept(answer: Acceptance, cause: ChangeContext): Promise<void> {
    const value = await this.proofs.find(INVITATION, answer);
    const invitation = await this.invitations.find(value.subject);
    if (!invitation) throw gone(answer);
    const hash = await this.hasher.hashNew(answer.password, { field: 'password', email: invitation.email });
    await this.transactions.run(async (manager) => {
      // The row of a user is locked before everything else, as everywhere.
      const user = await this.accounts.lock(invitation, manager);
      const locked = await this.lock(invitation.id, answer, manager);
      await this.proofs.use(value, [], manager);
      await this.invitations.take(locked.id, manager);
      await this.accounts.give(locked, user, { ...answer, hash }, cause, manager);
    });
  }
  private async lock(id: string, answer: Acceptance, manager: EntityManager): Promise<Invitation> {
    const invitation = await this.invitations.lock(id, manager);
    if (!invitation) throw gone(answer);
    if (invitation.expiresAt <= this.clock.date())
      throw new AppError('link_expired', { reason: 'invitation: expired' });
    return invitation;
  }
}

const gone = (answer: Acceptance): AppError => refusedProof(answer, 'invitation: was withdrawn or accepted');
