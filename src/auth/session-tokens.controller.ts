import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { Revokes } from '../revocation/revocation-receipt.js';
import { RefreshLimits } from '../sessions/refresh-limits.js';
import { RefreshService } from '../sessions/refresh.service.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import { TokenResponse } from '../sessions/token.view.js';
import { LogoutDto, RefreshDto } from './auth.dto.js';
import { accessTokenOf } from '../platform/http/bearer.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { SignOutService } from './sign-out.service.js';
import { clientAddressOf } from '../platform/http/client-address.js';

@ApiTags('Sign-in')
@Public()
@Controller('auth')
export class SessionTokensController {
  constructor(
    private readonly refreshes: RefreshService,
    private readonly tokens: SessionTokens,
    private readonly signOut: SignOutService,
    private readonly limits: RefreshLimits,
    private readonly proofs: DpopProofs,
  ) {}

  /**
   * Trade a refresh token for new tokens. The same token again within 10 s gets the same successor.
   * @remarks A session that was opened with a DPoP proof (RFC 9449) wants a proof of the same key.
   */
  @UseGuards(TokenRequestGuard)
  @Post('refresh')
  @HttpCode(200)
  @ApiProblems(
    'invalid_request',
    'invalid_dpop_proof',
    'use_dpop_nonce',
    'refresh_token_invalid',
    'refresh_token_reused',
    'rate_limited',
    'unavailable',
  )
  async refresh(
    @Body() { refresh_token: token }: RefreshDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const claim = this.tokens.read(token);
    const address = clientAddressOf(request);
    await this.limits.refresh(claim?.sessionId ?? null, address, reply);
    if (!claim) throw new AppError('refresh_token_invalid');
    const key = await this.proofs.forTokenRequest(request, reply);
    const tokens = await this.refreshes.refresh(claim, address, key);
    await this.limits.refreshSucceeded(claim.sessionId, address);
    return tokens;
  }

  /** Sign out: end the session of the access token, or of the refresh token in the body. */
  @Post('logout')
  @HttpCode(204)
  @Revokes()
  @ApiBearerAuth('bearer')
  @ApiProblems('invalid_request', 'token_missing', 'token_invalid', 'unavailable')
  async logout(@Req() request: FastifyRequest, @Body() body?: LogoutDto): Promise<void> {
    const refreshToken = body?.refresh_token;
    const accessToken = accessTokenOf(request);
    if (refreshToken === undefined && !accessToken) throw new AppError('token_missing');
    if (refreshToken !== undefined) await this.signOut.byRefreshToken(refreshToken);
    if (accessToken) await this.signOut.byAccessToken(accessToken, request);
  }
}
