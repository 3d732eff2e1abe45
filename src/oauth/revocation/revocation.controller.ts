import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { FirstPartyClient } from '../client-authentication/first-party-client.js';
import { parametersOf } from '../protocol/form-parameters.js';
import { ApiOAuthErrors, OAuthEndpoint } from '../protocol/oauth.decorators.js';
import { TokenParametersDto } from '../oauth.dto.js';
import { TokenRevocation } from './token-revocation.service.js';

@ApiTags('OAuth')
// No guard: clients authenticate with their own credentials.
@Public()
@OAuthEndpoint()
@Controller('oauth/revoke')
export class OAuthRevocationController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly publicClient: FirstPartyClient,
    private readonly revocation: TokenRevocation,
  ) {}

  /** Revoke a token, and end its session (RFC 7009): for the client that it was issued to. */
  @Post()
  @HttpCode(200)
  @Revokes()
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenParametersDto })
  @ApiOAuthErrors('invalid_request', 'invalid_grant', 'unsupported_token_type')
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    const parameters = parametersOf(TokenParametersDto, request.body);
    const { id } = this.publicClient.isNamedBy(parameters, request)
      ? this.publicClient
      : await this.clients.authenticate(parameters, request);
    await this.revocation.revoke(parameters.token, id, request);
  }
}
