import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError, invalidField } from '../common/errors.js';
import { Database } from '../platform/database/database.js';
import { ADOPT, BY_EMAIL, UPGRADE, verifiedPassword, type CredentialRow, type VerifiedPassword } from './credential.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordHook } from './password-hook.js';

/** Thrown where an address does not belong to the expected user. No password was tested, and callers never see it. */
export class OtherUser extends Error {}

/** The facts of a sign-in besides its address and password. */
export interface SignInAttempt {
  signal?: AbortSignal | undefined;
  /** The id of the user to whom the address has to belong. */
  userId?: string | undefined;
  /** The password that replaces a temporary one. */
  newPassword?: string | undefined;
}

/** Finds the user whom an address and a password belong to. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly hook: PasswordHook,
    private readonly clock: Clock,
  ) {}

  /**
   * Verifies an address and a password. Returns null for an unknown address, a wrong password, a user without a
   * password and a disabled one; all of them cost one hash, and one request to the hook where there is one. Throws
   * `overloaded`, `password_hook_unavailable`, {@link OtherUser}, and once the password was right, `invalid_request` for
   * a new password that replaces no temporary one.
   */
  async verify(email: string, password: string, attempt: SignInAttempt): Promise<VerifiedPassword | null> {
    const spellings = [lowerCaseEmail(email), canonicalEmail(email)];
    const [row] = spellings[0] ? await this.database.execute<CredentialRow>(BY_EMAIL, spellings) : [];
    if (attempt.userId !== undefined && attempt.userId !== row?.id) throw new OtherUser();
    const right = await this.hasher.verify(row?.hash ?? null, password, attempt.signal);
    if (right && row?.status === 'active') {
      const verified = verifiedPassword(row, this.clock.date());
      if (verified.isTemporary) return verified;
      refuseNew(attempt);
      await this.upgrade(row.id, row.hash!, password);
      return verified;
    }
    return this.hook.isSet ? this.adopted(row, password, attempt) : null;
  }

  /** Replaces a hash that falls short by a better one. */
  private async upgrade(userId: string, hash: string, password: string): Promise<void> {
    const upgraded = await this.hasher.upgrade(hash, password).catch(nullIfOverloaded);
    if (upgraded) await this.database.execute(UPGRADE, [userId, hash, upgraded, this.clock.date()]);
  }

  /** Returns a user who has no password here and whose former system accepts this one, after storing it. */
  private async adopted(
    row: CredentialRow | undefined,
    password: string,
    attempt: SignInAttempt,
  ): Promise<VerifiedPassword | null> {
    const newcomer = row?.status === 'active' && row.hash === null ? row : null;
    const isRight = await this.hook.isRight(newcomer && { email: newcomer.email, password });
    if (!newcomer || !isRight) return null;
    refuseNew(attempt);
    const hash = await this.hasher.hash(password);
    const now = this.clock.date();
    const [adopted] = await this.database.execute(ADOPT, [newcomer.id, newcomer.credentials_version, hash, now]);
    return adopted ? verifiedPassword({ ...newcomer, must_change: false }, now) : null;
  }
}

/** Ignores `overloaded`: the next sign-in can replace the hash, and the password of this one is right. */
function nullIfOverloaded(error: unknown): null {
  if (error instanceof AppError && error.code === 'overloaded') return null;
  throw error;
}

/** Throws `invalid_request` for a new password where the current one is not temporary: it would not be stored. */
function refuseNew({ newPassword }: SignInAttempt): void {
  if (newPassword === undefined) return;
  const message = 'new_password must be absent: the password is not temporary; POST /auth/password changes it';
  throw invalidField('new_password', 'not_temporary', message);
}
