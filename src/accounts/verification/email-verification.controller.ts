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
import { AddressRequests, originOf } from '../address-requests.js';
import { MAIL_PROOF_PROBLEMS, mailProofOf } from '../mail-proof.dto.js';
import { EMAIL_VERIFICATION } from '../purposes.js';
import { VerifyEmailDto } from './email-verification.dto.js';
import { EmailVerificationService } from './email-verification.service.js';

const PROOFS = {
  'by the link': { token: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc', password: 'seven green bicycles' },
  'by the code': { email: 'alice@example.com', code: '042195', password: 'seven green bicycles' },
  'with another password': {
    token: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc',
    new_password: 'nine purple umbrellas',
  },
};

@ApiTags('Accounts')
@Public()
@Controller('auth/email')
export class EmailVerificationController {
  constructor(
    private readonly requests: AddressRequests,
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
    await this.requests.add({ what: EMAIL_VERIFICATION.name, email, origin: originOf(request) });
  }

  /**
   * Verify an address with the link or the code of the mail, and the password of the account.
   * @remarks Signs nobody in. Where the account has a password, either it is sent too, or `new_password` replaces it: who did
   * not make the account takes it over that way, and all sessions and personal access tokens of it end.
   */
  @Post('verify')
  @HttpCode(204)
  @Revokes()
  @ApiExamples(VerifyEmailDto, PROOFS)
  @ApiProblems(...MAIL_PROOF_PROBLEMS, 'wrong_password', 'overloaded')
  async verify(
    @Body() body: VerifyEmailDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const proof = mailProofOf(body);
    const password = { current: body.password, next: body.new_password };
    const verify = () => this.verification.verify(proof, password, cause, reply);
    await this.limits.proof(clientAddressOf(request), verify, reply);
  }
}
