import { Body, Controller, HttpCode, Post, Req, Res, UseGuards, type OnModuleInit } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiTokensOrCookie } from '../auth/auth.openapi.js';
import type { CookieSessionView } from '../auth/cookies/session-cookie.view.js';
import { SecondFactorMethods } from '../auth/sign-in/second-factor-methods.js';
import { Public } from '../common/access.decorators.js';
import { ApiDpopProof, ApiProblems } from '../common/api.decorators.js';
import type { ErrorCode } from '../common/errors.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { RecoveryCodeSignInDto, TotpSignInDto } from './mfa.dto.js';
import { MfaSignIn } from './mfa-sign-in.service.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { TotpFactors } from './totp/totp-factors.js';

const PROBLEMS: ErrorCode[] = [
  'invalid_request',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'invalid_credentials',
  'mfa_token_invalid',
  'second_factor_invalid',
  'csrf_refused',
  'rate_limited',
  'unavailable',
];

@ApiTags('Second factor')
@Public()
@UseGuards(TokenRequestGuard)
@Controller('auth/mfa')
export class MfaSignInController implements OnModuleInit {
  constructor(
    private readonly signIns: MfaSignIn,
    private readonly methods: SecondFactorMethods,
    private readonly totp: TotpFactors,
    private readonly codes: RecoveryCodes,
  ) {}

  onModuleInit(): void {
    this.methods.add({
      name: 'totp',
      proves: { method: 'totp', amr: ['otp'], factors: ['possession'] },
      isAvailable: async (userId) => (await this.totp.confirmedOf(userId)).length > 0,
      use: (userId, code) => this.totp.use(userId, code),
    });
    this.methods.add({
      name: 'recovery-code',
      // What is written down is something that the user has (NIST SP 800-63B 3.1.2).
      proves: { method: 'recovery-code', amr: ['otp'], factors: ['possession'] },
      isAvailable: async (userId) => (await this.codes.left(userId)) > 0,
      use: (userId, code, cause) => this.codes.use(userId, code, cause),
    });
  }

  /** End a sign-in with the code of an authenticator app. The answer is that of the login, as it was asked for there. */
  @Post('totp')
  @HttpCode(200)
  @ApiDpopProof()
  @ApiTokensOrCookie()
  @ApiProblems(...PROBLEMS)
  byTotp(
    @Body() { mfa_token: mfaToken, code }: TotpSignInDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    return this.signIns.signIn({ mfaToken, method: 'totp', code }, request, reply);
  }

  /** End a sign-in with a recovery code, which works once. */
  @Post('recovery-code')
  @HttpCode(200)
  @ApiDpopProof()
  @ApiTokensOrCookie()
  @ApiProblems(...PROBLEMS)
  byRecoveryCode(
    @Body() { mfa_token: mfaToken, code }: RecoveryCodeSignInDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    return this.signIns.signIn({ mfaToken, method: 'recovery-code', code }, request, reply);
  }
}
