import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentPrincipal, Public, RecentSignIn, RECENT_SIGN_IN_PROBLEMS } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import type { Person } from '../../common/principal.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { AccountLimits } from '../account-limits.js';
import { originOf } from '../address-requests.js';
import { ChangeEmailDto, LinkDto } from './email-change.dto.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailUndoService } from './email-undo.service.js';

const LINK_PROBLEMS = [
  'invalid_request',
  'link_invalid',
  'link_used',
  'link_expired',
  'email_taken',
  'rate_limited',
  'unavailable',
] as const;

@ApiTags('Accounts')
@Controller('auth/email')
export class EmailChangeController {
  constructor(
    private readonly changes: EmailChangeService,
    private readonly undo: EmailUndoService,
    private readonly limits: AccountLimits,
  ) {}

  /**
   * Ask to sign in with another address.
   * @remarks A mail goes to the new address, and nothing changes before its link is opened. The answer is the same where the
   * new address has an account.
   */
  @Post('change')
  @HttpCode(202)
  @RecentSignIn()
  @ApiProblems('invalid_request', 'not_found', ...RECENT_SIGN_IN_PROBLEMS)
  async request(
    @CurrentPrincipal() { subject }: Person,
    @Body() { email }: ChangeEmailDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.limits.mail(email, clientAddressOf(request), reply);
    await this.changes.request(subject, email, originOf(request));
  }

  /** Use the new address, with the link of its mail. All sessions end; a mail to the former address can take it back. */
  @Post('confirm')
  @Public()
  @HttpCode(204)
  @Revokes()
  @ApiProblems(...LINK_PROBLEMS)
  async confirm(
    @Body() { token }: LinkDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.limits.proof(clientAddressOf(request), () => this.changes.confirm(token, cause), reply);
  }

  /**
   * Take a change of the address back, with the link of the mail to the former one.
   * @remarks The account gets the former address again. All sessions, personal access tokens and links end, and so does the
   * password: a mail to the former address sets a new one.
   */
  @Post('undo')
  @Public()
  @HttpCode(204)
  @Revokes()
  @ApiProblems(...LINK_PROBLEMS)
  async takeBack(
    @Body() { token }: LinkDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const undo = () => this.undo.undo(token, cause, originOf(request));
    await this.limits.proof(clientAddressOf(request), undo, reply);
  }
}
