import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../../common/api.decorators.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { AccountLimits } from '../account-limits.js';
import { AddressDto } from '../address.dto.js';
import { originOf } from '../address-requests.js';
import { MAIL_PROOF_PROBLEMS, MailProofDto, mailProofOf } from '../mail-proof.dto.js';
import { EmailVerificationService } from './email-verification.service.js';

const PROOFS = {
  'by the link': { token: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' },
  'by the code': { email: 'alice@example.com', code: '042195' },
};

@ApiTags('Accounts')
@Public()
@Controller('auth/email')
export class EmailVerificationController {
  constructor(
    private readonly verification: EmailVerificationService,
    private readonly limits: AccountLimits,
  ) {}

  /**
   * Ask for another mail that verifies an address.
   * @remarks The answer is the same for every address. A mail goes to one whose account awaits it. The mail has a link and a
   * code; both work once, for a day.
   */
  @Post('verification')
  @HttpCode(202)
  @ApiProblems('invalid_request', 'rate_limited', 'unavailable')
  async request(
    @Body() { email }: AddressDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.limits.mail(email, clientAddressOf(request), reply);
    await this.verification.request(email, originOf(request));
  }

  /** Verify an address with the link or the code of the mail. Signs nobody in. */
  @Post('verify')
  @HttpCode(204)
  @ApiExamples(MailProofDto, PROOFS)
  @ApiProblems(...MAIL_PROOF_PROBLEMS)
  async verify(
    @Body() body: MailProofDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const proof = mailProofOf(body);
    await this.limits.proof(clientAddressOf(request), () => this.verification.verify(proof, cause), reply);
  }
}
