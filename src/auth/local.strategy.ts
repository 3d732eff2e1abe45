import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy, type IStrategyOptionsWithRequest } from 'passport-local';
import { AppError } from '../common/errors.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import { abandonmentOf } from './abandonment.js';
import type { LoginDto } from './auth.dto.js';
import type { LoginRequest } from './login-request.js';
import { PasswordSignIn, type VerifiedUser } from '../passwords/password-sign-in.js';

/** E-mail address and password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly passwords: PasswordSignIn) {
    const options: IStrategyOptionsWithRequest = { usernameField: 'email', passReqToCallback: true, session: false };
    super(options);
  }

  async validate(request: LoginRequest, email: string, password: string): Promise<VerifiedUser> {
    // The guard has validated the body.
    const { new_password: newPassword } = request.body as LoginDto;
    const attempt = {
      cause: changeContextOf(request),
      signal: abandonmentOf(request),
      userId: request.knownDevice?.userId,
      newPassword,
    };
    const user = await this.passwords.verify(email, password, attempt);
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }
}
