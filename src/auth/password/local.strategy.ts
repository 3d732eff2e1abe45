import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type IStrategyOptionsWithRequest } from 'passport-local';
import { AppError } from '../../common/errors.js';
import type { VerifiedPassword } from '../../passwords/credential.js';
import { PasswordSignIn } from '../../passwords/password-sign-in.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import { Config } from '../../platform/config/config.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { CredentialsRefused } from './credentials-refused.js';
import { emailVerificationOf } from '../email-verification.js';
import { decideSignIn, isSecondFactorDue, refusalOf, type ProvedUser } from '../sign-in/decide-sign-in.js';
import type { SignInMethod } from '../sign-in/sign-in-proof.js';
import type { LoginRequest } from './login-request.js';

const PASSWORD: SignInMethod = { method: 'password', amr: ['pwd'], factors: ['knowledge'] };

/** Authenticates users by e-mail address and password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(
    private readonly signIns: PasswordSignIn,
    private readonly passwords: PasswordsService,
    private readonly config: Config,
  ) {
    const options: IStrategyOptionsWithRequest = { usernameField: 'email', passReqToCallback: true, session: false };
    super(options);
  }

  /**
   * Authenticates the user, and replaces a temporary password where the request brings another one. Throws as
   * {@link PasswordSignIn.verify} does, and `invalid_credentials`, `password_change_required`, `email_not_verified`.
   */
  async validate(request: LoginRequest, email: string, password: string): Promise<ProvedUser> {
    const { new_password: newPassword } = request.credentials;
    const credential = request.credential ?? (await this.signIns.find(email));
    const verified = await this.signIns.verify(credential, password, { signal: request.hangUp, newPassword });
    if (!verified) throw new CredentialsRefused(credential);
    const user = this.provedBy(verified);
    const decision = decideSignIn(user);
    // A second factor is asked for by a ticket: see `SecondFactorTickets`.
    if (decision.kind === 'session' || isSecondFactorDue(decision)) return user;
    const isReplaced = decision.kind === 'due' && decision.action === 'replace_password' && newPassword !== undefined;
    if (!isReplaced) throw refusalOf(decision);
    const cause = changeContextOf(request).by({ kind: 'user', id: user.id });
    const replaced = await this.passwords.replace(verified, { current: password, next: newPassword }, cause);
    if (!replaced) throw new AppError('invalid_credentials');
    return this.provedBy(replaced);
  }

  private provedBy({
    userId,
    credentialsVersion,
    isEmailVerified,
    isTemporary,
    hasSecondFactor,
    at,
  }: VerifiedPassword): ProvedUser {
    return {
      id: userId,
      credentialsVersion,
      hasTemporaryPassword: isTemporary,
      awaitsVerification: !isEmailVerified && emailVerificationOf(this.config) === 'required',
      hasSecondFactor,
      proofs: [{ ...PASSWORD, userId, credentialsVersion, at }],
    };
  }
}
