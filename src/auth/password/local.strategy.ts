import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type IStrategyOptionsWithRequest } from 'passport-local';
import { AppError } from '../../common/errors.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import type { LoginRequest } from './login-request.js';
import { PasswordSignIn, type VerifiedUser } from '../../passwords/password-sign-in.js';

/** E-mail address and password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly passwords: PasswordSignIn) {
    const options: IStrategyOptionsWithRequest = { usernameField: 'email', passReqToCallback: true, session: false };
    super(options);
  }

  async validate(request: LoginRequest, email: string, password: string): Promise<VerifiedUser> {
    const attempt = {
      cause: changeContextOf(request),
      signal: request.hangUp,
      userId: request.knownDevice?.userId,
      newPassword: request.credentials.new_password,
    };
    const user = await this.passwords.verify(email, password, attempt);
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }
}
