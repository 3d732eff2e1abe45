import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../../common/api.decorators.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { AccountLimits } from '../account-limits.js';
import { AddressDto } from '../address.dto.js';
import { originOf } from '../address-requests.js';
import { MAIL_PROOF_PROBLEMS, mailProofOf } from '../mail-proof.dto.js';
import { ResetPasswordDto } from './password-recovery.dto.js';
import { PasswordResetService } from './password-reset.service.js';
import { RecoveryMailsService } from './recovery-mails.service.js';

const password = 'seven green bicycles';
const RESETS = {
  'by the link': { token: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc', password },
  'by the code': { email: 'alice@example.com', code: '042195', password },
};

@ApiTags('Accounts')
@Public()
@Controller('auth/password')
export class PasswordRecoveryController {
  constructor(
    private readonly mails: RecoveryMailsService,
    private readonly resets: PasswordResetService,
    private readonly limits: AccountLimits,
  ) {}

  /**
   * Ask for a mail with which a forgotten password is replaced.
   * @remarks The answer is the same whether or not the address has an account. The mail has a link, and a code of six digits
   * for the device that asks; both work once, for an hour. Without mail settings it is in the mailbox of development,
   * `/dev/mailbox`.
   */
  @Post('recovery')
  @HttpCode(202)
  @ApiProblems('invalid_request', 'rate_limited', 'unavailable')
  async recover(
    @Body() { email }: AddressDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.limits.mail(email, clientAddressOf(request), reply);
    await this.mails.request(email, originOf(request));
  }

  /**
   * Set a new password with the link or the code of the mail.
   * @remarks Signs nobody in: all sessions end, and the next sign-in is with the new password, and with a second factor
   * where there is one. A password that is refused uses up neither link nor code. The address counts as verified; where it
   * was not before, the personal access tokens of the account end as well.
   */
  @Post('reset')
  @HttpCode(204)
  @Revokes()
  @ApiExamples(ResetPasswordDto, RESETS)
  @ApiProblems(...MAIL_PROOF_PROBLEMS, 'overloaded')
  async reset(
    @Body() body: ResetPasswordDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const proof = mailProofOf(body);
    await this.limits.proof(clientAddressOf(request), () => this.resets.reset(proof, body.password, cause), reply);
  }
}
