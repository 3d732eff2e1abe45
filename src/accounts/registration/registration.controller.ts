import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RecordedAttempts } from '../../auth/sign-in/recorded-attempts.js';
import { Public } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { canonicalEmail } from '../../common/email.js';
import { negotiateLocale } from '../../common/locale.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { UserView } from '../../users/user.view.js';
import { originOf } from '../address-requests.js';
import { RegisterDto } from './registration.dto.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('Sign-in')
@Public()
@Controller('auth')
export class RegistrationController {
  constructor(
    private readonly registration: RegistrationService,
    private readonly attempts: RecordedAttempts,
  ) {}

  /**
   * Create an account.
   * @remarks A mail asks its owner to verify the address, unless `EMAIL_VERIFICATION=off`. With `required` the answer is 202
   * without a body, whether or not the address has an account already, and nothing is opened before the address is verified.
   */
  @Post('register')
  @ApiCreatedResponse({ type: UserView })
  @ApiAcceptedResponse({ description: 'With `EMAIL_VERIFICATION=required`: the mail says how to go on.' })
  @ApiProblems('invalid_request', 'registration_closed', 'email_taken', 'rate_limited', 'overloaded', 'unavailable')
  async register(
    @Body() { email, password, display_name: displayName, locale: chosen }: RegisterDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserView | undefined> {
    const locale = chosen ?? negotiateLocale(request.headers['accept-language']);
    const account = { email, password, displayName, locale };
    const cause = changeContextOf(request);
    const register = () => this.registration.register(account, cause, originOf(request));
    const user = await this.attempts.register(canonicalEmail(email)!, register, reply, cause);
    if (user) return UserView.of(user);
    reply.status(202);
    return undefined;
  }
}
