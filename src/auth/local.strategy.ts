import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy, type IStrategyOptionsWithRequest } from 'passport-local';
import { AppError } from '../common/errors.js';
import { abandonmentOf } from './abandonment.js';
import { PasswordSignIn, type VerifiedUser } from '../passwords/password-sign-in.js';

/** E-mail address and password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly passwords: PasswordSignIn) {
    const options: IStrategyOptionsWithRequest = { usernameField: 'email', passReqToCallback: true, session: false };
    super(options);
  }

  async validate(request: FastifyRequest, email: string, password: string): Promise<VerifiedUser> {
    const user = await this.passwords.verify(email, password, abandonmentOf(request));
    if (!user) throw new AppError('invalid_credentials');
    return user;
  }
}
