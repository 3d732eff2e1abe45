import { Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { ApiDpopProof } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { TokenResponse } from '../sessions/token.view.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import { TokenRequestGuard } from '../tokens/dpop/token-request.guard.js';
import { parametersOf } from './protocol/form-parameters.js';
import type { Grant } from './grant.js';
import { ApiOAuthErrors, OAuthEndpoint } from './protocol/oauth.decorators.js';
import { TokenRequestDto } from './oauth.dto.js';
import { OAuthTokenResponse } from './oauth.view.js';

/** The injection token of all {@link Grant}s. */
export const GRANTS = Symbol('grants');

@ApiTags('OAuth')
// No guard: clients authenticate with their own credentials.
@Public()
@OAuthEndpoint()
@Controller('oauth/token')
export class TokenController {
  constructor(
    @Inject(GRANTS) private readonly grants: readonly Grant[],
    private readonly proofs: DpopProofs,
  ) {}

  /**
   * Get an access token, by one of the grants (RFC 6749 3.2).
   */
  @UseGuards(TokenRequestGuard)
  @Post()
  @HttpCode(200)
  @ApiDpopProof()
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenRequestDto })
  @ApiExtraModels(OAuthTokenResponse, TokenResponse)
  @ApiOkResponse({
    schema: { anyOf: [OAuthTokenResponse, TokenResponse].map((type) => ({ $ref: getSchemaPath(type) })) },
  })
  @ApiOAuthErrors(
    'invalid_request',
    'invalid_grant',
    'invalid_scope',
    'invalid_target',
    'unauthorized_client',
    'invalid_dpop_proof',
    'use_dpop_nonce',
  )
  respond(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OAuthTokenResponse | TokenResponse> {
    const parameters = parametersOf(TokenRequestDto, request.body);
    const grant = this.grants.find(({ type }) => type === parameters.grant_type);
    if (!grant) throw new AppError('unsupported_grant_type');
    return grant.respond(parameters, request, () => this.proofs.forTokenRequest(request, reply));
  }
}
