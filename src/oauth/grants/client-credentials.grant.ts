import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { ClientTokens } from '../client-tokens.js';
import type { Grant, ProveKey } from '../grant.js';
import { narrowAudiences, narrowScopes } from '../narrowing.js';
import type { TokenRequestDto } from '../oauth.dto.js';
import type { OAuthTokenResponse } from '../oauth.view.js';

/** Issues tokens to a service that acts for itself (RFC 6749 4.4). */
@Injectable()
export class ClientCredentialsGrant implements Grant {
  readonly type = 'client_credentials';

  constructor(
    private readonly clients: ClientAuthentication,
    private readonly tokens: ClientTokens,
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<OAuthTokenResponse> {
    const client = await this.clients.authenticate(parameters, request);
    if (!client.grantTypes.includes(this.type)) throw new AppError('unauthorized_client');
    const audiences = narrowAudiences(parameters, client.audiences);
    const scopes = narrowScopes(parameters.scope, client.scopes);
    return this.tokens.issue(client, {
      // RFC 9068 2.2: the subject is the client where no other party is involved.
      subject: client.id,
      audiences,
      scopes,
      keyThumbprint: await proveKey(),
    });
  }
}
