import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError, invalidField } from '../common/errors.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Database } from '../platform/database/database.js';
import { ADOPT, BY_EMAIL, UPGRADE, type CredentialRow } from './credential.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordHook } from './password-hook.js';
import { changeRequired, PasswordsService } from './passwords.service.js';

/** A user whose password was right a moment ago. */
export interface VerifiedUser {
  id: string;
  /** `SessionsService.open` compares it, so that a change of credentials in between is noticed. */
  credentialsVersion: number;
}

/** Thrown where an address does not belong to the expected user. No password was tested, and callers never see it. */
export class OtherUser extends Error {}

/** The facts of a sign-in besides its address and password. */
export interface SignInAttempt {
  cause: ChangeContext;
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
    private readonly passwords: PasswordsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Verifies an address and a password. Returns null for an unknown address, a wrong password, a user without a
   * password and a disabled one; all of them cost one hash, and one request to the hook where there is one. Also
   * returns null for a temporary password that another request has replaced first. Throws `overloaded`,
   * `password_hook_unavailable`, {@link OtherUser}, and once the password was right, `password_change_required` and
   * `invalid_request` for the new one.
   */
  async verify(email: string, password: string, attempt: SignInAttempt): Promise<VerifiedUser | null> {
    const spellings = [lowerCaseEmail(email), canonicalEmail(email)];
    const [row] = spellings[0] ? await this.database.execute<CredentialRow>(BY_EMAIL, spellings) : [];
    if (attempt.userId !== undefined && attempt.userId !== row?.id) throw new OtherUser();
    const right = await this.hasher.verify(row?.hash ?? null, password, attempt.signal);
    if (right && row?.status === 'active') {
      if (row.must_change !== false) return this.replaced(row, password, attempt);
      refuseNew(attempt);
      return this.upgraded(row, row.hash!, password);
    }
    return this.hook.isSet ? this.adopted(row, password, attempt) : null;
  }

  private async replaced(
    row: CredentialRow,
    current: string,
    { cause, newPassword: next }: SignInAttempt,
  ): Promise<VerifiedUser | null> {
    if (next === undefined) throw changeRequired();
    const byOwner = cause.by({ kind: 'user', id: row.id });
    const replaced = await this.passwords.replace(row, { current, next }, byOwner);
    return replaced ? { id: row.id, credentialsVersion: row.credentials_version + 1 } : null;
  }

  private async upgraded(row: CredentialRow, hash: string, password: string): Promise<VerifiedUser> {
    const upgraded = await this.hasher.upgrade(hash, password).catch(nullIfOverloaded);
    if (upgraded) await this.database.execute(UPGRADE, [row.id, hash, upgraded, this.clock.date()]);
    return verified(row);
  }

  /** Returns a user who has no password here and whose former system accepts this one, after storing it. */
  private async adopted(
    row: CredentialRow | undefined,
    password: string,
    attempt: SignInAttempt,
  ): Promise<VerifiedUser | null> {
    const newcomer = row?.status === 'active' && row.hash === null ? row : null;
    const isRight = await this.hook.isRight(newcomer && { email: newcomer.email, password });
    if (!newcomer || !isRight) return null;
    refuseNew(attempt);
    const hash = await this.hasher.hash(password);
    const values = [newcomer.id, newcomer.credentials_version, hash, this.clock.date()];
    const [adopted] = await this.database.execute(ADOPT, values);
    return adopted ? verified(newcomer) : null;
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

const verified = (row: CredentialRow): VerifiedUser => ({ id: row.id, credentialsVersion: row.credentials_version });
