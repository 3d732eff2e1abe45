import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
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
import { bearerTokenOf } from '../platform/http/bearer.js';
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
  ) {}

  /** Trade a refresh token for new tokens. The same token again within 10 s gets the same successor. */
  @Post('refresh')
  @HttpCode(200)
  @ApiProblems('invalid_request', 'refresh_token_invalid', 'refresh_token_reused', 'rate_limited', 'unavailable')
  async refresh(
    @Body() { refresh_token: token }: RefreshDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const claim = this.tokens.read(token);
    const address = clientAddressOf(request);
    await this.limits.refresh(claim?.sessionId ?? null, address, reply);
    if (!claim) throw new AppError('refresh_token_invalid');
    const tokens = await this.refreshes.refresh(claim, address);
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
    const accessToken = bearerTokenOf(request);
    if (refreshToken === undefined && !accessToken) throw new AppError('token_missing');
    if (refreshToken !== undefined) await this.signOut.byRefreshToken(refreshToken);
    if (accessToken) await this.signOut.byAccessToken(accessToken);
  }
}
