import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { accepts } from '../../platform/http/routes/representation.js';
import { parametersOf } from '../protocol/form-parameters.js';
import { ApiOAuthErrors, OAuthEndpoint } from '../protocol/oauth.decorators.js';
import { TokenParametersDto } from '../oauth.dto.js';
import { IntrospectionCaller } from './introspection-caller.js';
import { Introspection } from './introspection.service.js';
import { IntrospectionView } from './introspection.view.js';

const SIGNED = 'application/token-introspection+jwt';

@ApiTags('OAuth')
// No guard: clients authenticate with their own credentials.
@Public()
@OAuthEndpoint()
@Controller('oauth/introspect')
export class IntrospectionController {
  constructor(
    private readonly caller: IntrospectionCaller,
    private readonly introspection: Introspection,
  ) {}

  /**
   * Ask whether an access token is valid (RFC 7662): for services that it is meant for, and for its own client.
   * @remarks A client may authenticate with an access token of its own instead, with the scope `introspect`. With
   * `Accept: application/token-introspection+jwt` the answer is signed (RFC 9701).
   */
  @Post()
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenParametersDto })
  @ApiExtraModels(IntrospectionView)
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(IntrospectionView) } },
      [SIGNED]: { schema: { type: 'string' } },
    },
  })
  @ApiOAuthErrors('invalid_request')
  async introspect(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IntrospectionView | string> {
    const parameters = parametersOf(TokenParametersDto, request.body);
    const client = await this.caller.identify(parameters, request);
    const answer = await this.introspection.introspect(parameters.token, client, request);
    // RFC 9701 4.
    reply.header('Vary', 'Accept');
    if (!accepts(request.headers.accept, SIGNED)) return answer;
    reply.header('Content-Type', SIGNED);
    return this.introspection.sign(answer, client);
  }
}
