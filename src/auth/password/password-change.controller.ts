import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { AppError } from '../../common/errors.js';
import type { Person } from '../../common/principal.js';
import { parseShortUuid } from '../../common/uuid.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { RecordedAttempts } from '../sign-in/recorded-attempts.js';
import { ChangePasswordDto } from '../auth.dto.js';

@ApiTags('Profile')
@Controller('auth/password')
export class PasswordChangeController {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly attempts: RecordedAttempts,
  ) {}

  /** Change the password; all other sessions end. */
  @Post()
  @HttpCode(204)
  @Revokes()
  @ApiProblems('invalid_request', 'wrong_password', 'rate_limited', 'overloaded')
  async change(
    @CurrentPrincipal() { subject, session }: Person,
    @Body() body: ChangePasswordDto,
    @Cause() cause: ChangeContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const current = parseShortUuid(session);
    if (!current) throw new AppError('token_invalid', { reason: 'sid: the token is of no session' });
    const passwords = { current: body.current_password, next: body.new_password };
    const change = () => this.passwords.change(subject, current, passwords, cause);
    await this.attempts.password(subject, change, reply, cause);
  }
}
