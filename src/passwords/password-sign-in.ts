import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError, invalidField } from '../common/errors.js';
import { Database } from '../platform/database/database.js';
import { ADOPT, BY_EMAIL, UPGRADE, verifiedPassword, type CredentialRow, type VerifiedPassword } from './credential.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordHook } from './password-hook.js';

/** The facts of a sign-in besides its credential and password. */
export interface SignInAttempt {
  signal?: AbortSignal | undefined;
  /** The password that replaces a temporary one. */
  newPassword?: string | undefined;
}

/** Authenticates users by address and password. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly hook: PasswordHook,
    private readonly clock: Clock,
  ) {}

  /** Finds the credential of the user with this address; null for an unknown address. */
  async find(email: string): Promise<CredentialRow | null> {
    const spellings = [lowerCaseEmail(email), canonicalEmail(email)];
    const [row] = spellings[0] ? await this.database.execute<CredentialRow>(BY_EMAIL, spellings) : [];
    return row ?? null;
  }

  /**
   * Verifies a password. Returns null where there is no user or no password, for a wrong password and for a disabled
   * user; all of them cost one hash, and one request to the hook where there is one. Throws `overloaded`,
   * `password_hook_unavailable`, and once the password was right, `invalid_request` for a new password that replaces no
   * temporary one.
   */
  async verify(row: CredentialRow | null, password: string, attempt: SignInAttempt): Promise<VerifiedPassword | null> {
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
    row: CredentialRow | null,
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
