import { Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public, Scopes } from '../common/access.decorators.js';
import { ApiDpopProof, ApiProblems } from '../common/api.decorators.js';
import { canonicalEmail } from '../common/email.js';
import type { Principal } from '../common/principal.js';
import type { CookieSessionView } from './cookies/session-cookie.view.js';
import { SessionCookies } from './cookies/session-cookies.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { LoginDto } from './auth.dto.js';
import { ApiTokensOrCookie } from './auth.openapi.js';
import { PrincipalView } from './auth.view.js';
import { deviceOf } from './sign-in/device.js';
import { KnownDevices } from './sign-in/known-device.js';
import { LocalAuthGuard } from './password/local-auth.guard.js';
import { LoginRequestGuard } from './password/login-request.guard.js';
import type { LoginRequest } from './password/login-request.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';

@ApiTags('Sign-in')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly signIn: SignInService,
    private readonly devices: KnownDevices,
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * Sign in with e-mail address and password.
   * @remarks The account of the example exists once `POST /auth/register` has been run with its own example. On a fresh
   * start there is only the administrator, whom the terminal names together with the generated password.
   *
   * With `"transport": "cookie"` a browser gets a cookie in place of the tokens (`docs/browsers.md`), and the session
   * of the cookie that it had before ends. With a DPoP proof (RFC 9449) in the `DPoP` header, the tokens are bound to
   * its key, and `token_type` is `DPoP`.
   *
   * A temporary password, which an administrator has set, is answered with `password_change_required`: let the user
   * choose another one, and send the request again with it as `new_password`.
   */
  @Public()
  @UseGuards(TokenRequestGuard, LoginRequestGuard, LocalAuthGuard)
  @Post('login')
  @HttpCode(200)
  @ApiDpopProof()
  @ApiBody({ type: LoginDto })
  @ApiTokensOrCookie()
  @ApiProblems(
    'invalid_request',
    'invalid_dpop_proof',
    'use_dpop_nonce',
    'invalid_credentials',
    'password_change_required',
    'email_not_verified',
    'csrf_refused',
    'rate_limited',
    'overloaded',
    'password_hook_unavailable',
    'unavailable',
  )
  async login(
    @Req() request: LoginRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    const { email, transport } = request.credentials;
    const answer = await (transport === 'cookie' ? this.loginByCookie(request, reply) : this.loginByTokens(request));
    if (!request.knownDevice) this.devices.remember(reply, canonicalEmail(email)!, request.user.id);
    return answer;
  }

  /** Get the caller, as the access token states it. Does not use the database. */
  @Get('me')
  @Scopes()
  me(@Req() { user }: FastifyRequest & { user: Principal }): PrincipalView {
    // @CurrentPrincipal() is not used: Nest runs its value through the pipes, which costs as much as the guard here.
    return PrincipalView.of(user);
  }

  private loginByTokens(request: LoginRequest): Promise<TokenResponse> {
    const { user, keyThumbprint } = request;
    return this.signIn.signIn(user, { ...deviceOf(request), keyThumbprint });
  }

  private async loginByCookie(request: LoginRequest, reply: FastifyReply): Promise<CookieSessionView> {
    const replaced = this.cookies.sessionsToReplace(request);
    const { claim, facts } = await this.signIn.replace(
      replaced,
      request.user,
      deviceOf(request),
      changeContextOf(request),
    );
    return this.cookies.setCookie(reply, claim, facts);
  }
}
