import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import { negotiateLocale } from '../common/locale.js';
import { Config } from '../platform/config/config.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import type { User } from '../users/user.entity.js';
import { AccountsService } from './accounts.service.js';
import type { RegisterDto } from './auth.dto.js';
import { RecordedAttempts } from './sign-in/recorded-attempts.js';

/** Creates the accounts that people open for themselves. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly config: Config,
    private readonly accounts: AccountsService,
    private readonly attempts: RecordedAttempts,
  ) {}

  /** Creates an account. Throws `registration_closed`, `rate_limited`, and as {@link AccountsService.create} does. */
  register(registration: RegisterDto, request: FastifyRequest, reply: FastifyReply): Promise<User> {
    if (this.config.registration === 'closed') throw new AppError('registration_closed');
    const { email, password, display_name: displayName, locale: chosen } = registration;
    const locale = chosen ?? negotiateLocale(request.headers['accept-language']);
    const cause = changeContextOf(request);
    const create = () => this.accounts.create({ email, password, displayName, locale }, cause);
    return this.attempts.register(canonicalEmail(email)!, create, reply, cause);
  }
}
