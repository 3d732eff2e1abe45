import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiCookieAuth, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { ApiDpopProof, ApiExamples, ApiProblems } from '../common/api.decorators.js';
import { AppError, invalidField } from '../common/errors.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { RefreshLimits } from '../sessions/refresh/refresh-limits.js';
import { RefreshService } from '../sessions/refresh/refresh.service.js';
import type { CookieSessionView } from './cookies/session-cookie.view.js';
import { SessionCookies } from './cookies/session-cookies.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { EXAMPLE_REFRESH_TOKEN, LogoutDto, RefreshDto } from './auth.dto.js';
import { ApiTokensOrCookie } from './auth.openapi.js';
import { accessTokenOf, missingToken } from '../tokens/bearer.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { SignOutService } from './sign-out.service.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import { clientAddressOf } from '../platform/http/request/client-address.js';

const SIGN_OUTS = {
  'the session of the access token, or of the cookie': {},
  'that of a refresh token': { refresh_token: EXAMPLE_REFRESH_TOKEN },
};

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
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * Exchange a refresh token for new tokens.
   * @remarks The same token again gets the same successor, for `REFRESH_REPLAY_WINDOW` (60 s) and until that has been
   * used; then it counts as stolen, and the session ends. A session that was opened with a DPoP proof (RFC 9449) needs
   * a proof of the same key. Without a refresh token in the body, the session of the cookie is kept alive, and the
   * cookie sent again.
   */
  @UseGuards(TokenRequestGuard)
  @Post('refresh')
  @HttpCode(200)
  @ApiDpopProof()
  @ApiSecurity({})
  @ApiCookieAuth('cookie')
  @ApiBody({ type: RefreshDto, required: false })
  @ApiTokensOrCookie()
  @ApiProblems(
    'invalid_request',
    'invalid_dpop_proof',
    'use_dpop_nonce',
    'refresh_token_invalid',
    'refresh_token_reused',
    'token_invalid',
    'token_revoked',
    'csrf_refused',
    'rate_limited',
    'unavailable',
  )
  async refresh(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body?: RefreshDto,
  ): Promise<TokenResponse | CookieSessionView> {
    const token = body?.refresh_token;
    const address = clientAddressOf(request);
    if (token === undefined) return this.keepAlive(request, reply, address);
    const claim = this.tokens.decode(token);
    const rotate = async () => {
      if (!claim) throw new AppError('refresh_token_invalid');
      const keyThumbprint = await this.proofs.forTokenRequest(request, reply);
      return this.refreshes.refresh({ claim, cause: changeContextOf(request), keyThumbprint });
    };
    return this.limits.refresh(claim?.sessionId ?? null, address, rotate, reply);
  }

  /** Sign out: end the session of the access token, of the refresh token in the body, or of the cookie. */
  @Post('logout')
  @HttpCode(204)
  @Revokes()
  @ApiExamples(LogoutDto, SIGN_OUTS)
  @ApiSecurity({})
  @ApiBearerAuth('bearer')
  @ApiCookieAuth('cookie')
  @ApiProblems('invalid_request', 'token_missing', 'token_invalid', 'csrf_refused', 'unavailable')
  async logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body?: LogoutDto,
  ): Promise<void> {
    const tokens = { refresh: body?.refresh_token, access: accessTokenOf(request) };
    if (tokens.refresh === undefined && tokens.access === null) return this.logoutByCookie(request, reply);
    await this.signOut.byTokens(tokens, request);
  }

  private async keepAlive(request: FastifyRequest, reply: FastifyReply, address: string): Promise<CookieSessionView> {
    const shown = this.cookies.cookieOf(request);
    if (!shown)
      throw invalidField('refresh_token', 'is_string', 'refresh_token must be a string, unless a cookie is sent');
    const { claim } = shown;
    const touch = async () => {
      if (!claim)
        throw new AppError('token_invalid', { reason: 'cookie: not made by this service with its SECRET_KEY' });
      return this.cookies.setCookie(reply, claim, await this.cookies.touch(claim, address));
    };
    return this.limits.refresh(claim?.sessionId ?? null, address, touch, reply);
  }

  private async logoutByCookie(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const shown = this.cookies.cookieOf(request);
    if (!shown) throw missingToken(request.headers);
    // A cookie that is none of ours ends no session, but is deleted too.
    if (shown.claim) await this.signOut.bySecret(shown.claim, changeContextOf(request));
    this.cookies.clear(reply);
  }
}
