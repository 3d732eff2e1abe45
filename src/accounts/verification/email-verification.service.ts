import { Injectable } from '@nestjs/common';
import { RecordedAttempts } from '../../auth/sign-in/recorded-attempts.js';
import { invalidField } from '../../common/errors.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { HeaderSink } from '../../platform/rate-limit/rate-limiter.js';
import type { MailProof } from '../mail-proof.dto.js';
import { MailProofs } from '../mail-proofs.js';
import { EMAIL_VERIFICATION } from '../purposes.js';
import { PasswordResetService } from '../recovery/password-reset.service.js';
import { AddressVerification } from './address-verification.js';

/** The password of the account, or a new one in its place. */
export interface VerificationPassword {
  readonly current: string | undefined;
  readonly next: string | undefined;
}

/**
 * Verifies addresses. An account with a password was made by somebody who has not yet shown that the address is theirs. So
 * the reader of the mail shows that password as well, or replaces it, which ends everything that it has opened.
 */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly proofs: MailProofs,
    private readonly passwords: PasswordsService,
    private readonly attempts: RecordedAttempts,
    private readonly resets: PasswordResetService,
    private readonly addresses: AddressVerification,
  ) {}

  /**
   * Throws what `MailProofs.find` does, `invalid_request` where the password is missing or the new one is refused by the
   * policy, `wrong_password`, `rate_limited`, `overloaded`.
   */
  async verify(
    proof: MailProof,
    password: VerificationPassword,
    cause: ChangeContext,
    sink: HeaderSink,
  ): Promise<void> {
    const value = await this.proofs.find(EMAIL_VERIFICATION, proof);
    const byOwner = cause.by({ kind: 'user', id: value.subject });
    if (password.next !== undefined) {
      await this.resets.setPassword(value, proof, { field: 'new_password', password: password.next }, byOwner);
      return;
    }
    if ((await this.passwords.stateOf(value.subject)) !== 'none')
      await this.checkPassword(value.subject, password.current, cause, sink);
    await this.addresses.verify(value, proof, byOwner);
  }

  private async checkPassword(
    userId: string,
    password: string | undefined,
    cause: ChangeContext,
    sink: HeaderSink,
  ): Promise<void> {
    if (password === undefined) {
      const message = 'password is required, since the account has one; new_password replaces it where it is not known';
      throw invalidField('password', 'required', message);
    }
    await this.attempts.password(userId, () => this.passwords.check(userId, password), sink, cause);
  }
}
