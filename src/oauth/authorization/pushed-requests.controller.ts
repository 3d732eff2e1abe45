import { Controller, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProperty, ApiTags, IntersectionType } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { AppError } from '../../common/errors.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { ClientCredentialsDto } from '../oauth.dto.js';
import { parametersOf } from '../protocol/form-parameters.js';
import { ApiOAuthErrors, OAuthEndpoint } from '../protocol/oauth.decorators.js';
import { requestOf, targetOf } from './authorization-request.js';
import { AuthorizationParametersDto } from './authorization.dto.js';
import { PUSHED_REQUEST, PushedRequests } from './pushed-requests.js';

/** A pushed authorization request, with the credentials of its client. */
class PushedRequestDto extends IntersectionType(AuthorizationParametersDto, ClientCredentialsDto) {
  declare client_id: string;
}

/** The reference of a pushed request (RFC 9126 2.2). */
export class PushedRequestView {
  /** The parameter `request_uri` of the authorization request. */
  @ApiProperty({ example: 'urn:ietf:params:oauth:request_uri:cso_AZnzoFwefDqfZC9vPB2LegAAAAB0b3BzZWNyZXQhISE' })
  request_uri: string;

  /** Seconds until it expires. */
  @ApiProperty({ type: 'integer', example: PUSHED_REQUEST.lifetime })
  expires_in: number;
}

@ApiTags('Single sign-on')
// No guard: clients authenticate with their own credentials.
@Public()
@OAuthEndpoint()
@Controller('oauth/par')
export class PushedRequestsController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly requests: PushedRequests,
  ) {}

  /** Push the parameters of an authorization request, so that the browser carries only a reference (RFC 9126). */
  @Post()
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: PushedRequestDto })
  @ApiOAuthErrors(
    'invalid_request',
    'invalid_scope',
    'invalid_target',
    'unauthorized_client',
    'unsupported_response_type',
    'request_not_supported',
    'request_uri_not_supported',
  )
  async push(@Req() request: FastifyRequest): Promise<PushedRequestView> {
    const parameters = parametersOf(PushedRequestDto, request.body);
    const client = await this.clients.authenticate(parameters, request);
    // RFC 9126 2.1: the client that authenticates is that of the request.
    if (parameters.client_id !== client.id) {
      throw new AppError('invalid_request', { detail: 'client_id is that of another client' });
    }
    const target = targetOf(parameters, client);
    const uri = await this.requests.push(requestOf(parameters, client, target));
    return { request_uri: uri, expires_in: PUSHED_REQUEST.lifetime };
  }
}
