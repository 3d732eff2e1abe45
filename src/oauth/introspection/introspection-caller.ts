import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { PresentedTokens } from '../../clients/presented-tokens.js';
import { AppError } from '../../common/errors.js';
import { isService } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';
import { SCOPES } from '../../common/scopes.js';
import { accessTokenOf } from '../../tokens/bearer.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';

/** Finds the client that introspects a token, by its credential or by its own access token (RFC 7662 2.1). */
@Injectable()
export class IntrospectionCaller {
  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly tokens: PresentedTokens,
    private readonly clients: ClientDirectory,
  ) {}

  /** Returns the client. Throws the errors of {@link ClientAuthentication}, and those of the access token, with 401. */
  async identify(form: ClientCredentialsDto, request: FastifyRequest): Promise<RegisteredClient> {
    if (accessTokenOf(request) === null) return this.confidentialClientOf(form, request);
    // RFC 6749 2.3: with no more than one method.
    if (form.client_secret !== undefined || form.client_assertion !== undefined) {
      throw new AppError('invalid_request', { detail: 'a client authenticates in one way' });
    }
    const principal = await this.tokens.principalOf(request);
    // RFC 7662 2.3: 401 also where the token does not suffice.
    if (!isService(principal) || !principal.scopes.includes(SCOPES.introspect)) {
      throw new AppError('token_invalid', { reason: reasonOf('scope', SCOPES.introspect, principal.scopes) });
    }
    if (form.client_id !== undefined && form.client_id !== principal.client) {
      throw new AppError('invalid_request', { detail: 'client_id is that of another client' });
    }
    const client = await this.clients.find(principal.client);
    if (!client) throw new AppError('token_invalid', { reason: 'client_id: the client is gone or disabled' });
    return client;
  }

  /** RFC 7662 4: a client that anybody can name would let strangers try tokens. */
  private async confidentialClientOf(form: ClientCredentialsDto, request: FastifyRequest): Promise<RegisteredClient> {
    const client = await this.authentication.authenticate(form, request);
    if (client.type === 'public') throw new AppError('invalid_client', { reason: 'client: it is a public one' });
    return client;
  }
}
