import { Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public, Scopes } from '../common/access.decorators.js';
import { ApiDpopProof, ApiProblems } from '../common/api.decorators.js';
import { canonicalEmail } from '../common/email.js';
import type { Principal } from '../common/principal.js';
import type { CookieSessionView } from './cookies/session-cookie.view.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { LoginDto } from './auth.dto.js';
import { ApiTokensOrCookie } from './auth.openapi.js';
import { PrincipalView } from './auth.view.js';
import { LocalAuthGuard } from './password/local-auth.guard.js';
import { LoginRequestGuard } from './password/login-request.guard.js';
import type { LoginRequest } from './password/login-request.js';
import { SecondFactorTickets } from './sign-in/second-factor-tickets.js';
import { SignInCompletion } from './sign-in-completion.js';

@ApiTags('Sign-in')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly tickets: SecondFactorTickets,
    private readonly completion: SignInCompletion,
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
   * Where the user has a second factor, the answer is `mfa_required`, whose further members `mfa_token`, `methods` and
   * `expires_in` lead to `POST /auth/mfa/{method}` (`docs/mfa.md`).
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
    'mfa_required',
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
    const { user, keyThumbprint, credentials } = request;
    const binding = { transport: credentials.transport ?? 'token', keyThumbprint };
    await this.tickets.requireFactor(user, binding, reply);
    const account = request.knownDevice ? null : canonicalEmail(credentials.email);
    return this.completion.complete(user, binding, account, request, reply);
  }

  /** Get the caller, as the access token states it. Does not use the database. */
  @Get('me')
  @Scopes()
  me(@Req() { user }: FastifyRequest & { user: Principal }): PrincipalView {
    // @CurrentPrincipal() is not used: Nest runs its value through the pipes, which costs as much as the guard here.
    return PrincipalView.of(user);
  }
}
