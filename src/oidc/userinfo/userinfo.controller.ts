import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PresentedTokens } from '../../clients/presented-tokens.js';
import { Public } from '../../common/access.decorators.js';
import { AppError } from '../../common/errors.js';
import { isPerson } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';
import { personClaimsOf } from '../../oauth/person-claims.js';
import { ApiErrorsOfOAuth, OAuthEndpoint } from '../../oauth/protocol/oauth.decorators.js';
import { UsersService } from '../../users/users.service.js';
import { UserinfoView } from './userinfo.view.js';

@ApiTags('Single sign-on')
// No guard: the token may be for another audience. It is checked here.
@Public()
@OAuthEndpoint()
@ApiBearerAuth('bearer')
@Controller('oauth/userinfo')
export class UserinfoController {
  constructor(
    private readonly tokens: PresentedTokens,
    private readonly users: UsersService,
  ) {}

  /** Get the claims of the person, by an access token with the scope `openid`. */
  @Get()
  @ApiErrorsOfOAuth('token_missing', 'token_invalid', 'token_revoked', 'forbidden')
  get(@Req() request: FastifyRequest): Promise<UserinfoView> {
    return this.claimsOf(request);
  }

  /** Get the same by POST (OpenID Connect Core 1.0 5.3.1). */
  @Post()
  @HttpCode(200)
  @ApiErrorsOfOAuth('token_missing', 'token_invalid', 'token_revoked', 'forbidden')
  post(@Req() request: FastifyRequest): Promise<UserinfoView> {
    return this.claimsOf(request);
  }

  private async claimsOf(request: FastifyRequest): Promise<UserinfoView> {
    const principal = await this.tokens.principalForAny(request);
    const { scopes, subject: sub } = principal;
    if (!isPerson(principal) || !scopes.includes('openid')) {
      throw new AppError('forbidden', { reason: reasonOf('scope', 'openid, of a person', scopes), scopes: ['openid'] });
    }
    return { sub, ...personClaimsOf(await this.users.get(sub), scopes) };
  }
}
