import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import type { Grant, ProveKey } from '../grant.js';
import { narrowAudiences, narrowScopes } from '../narrowing.js';
import type { TokenRequestDto } from '../oauth.dto.js';
import type { OAuthTokenResponse } from '../oauth.view.js';
import { ACCESS_TOKEN } from '../token-exchange/access-token.reader.js';
import { DelegatedTokens } from '../token-exchange/delegated-tokens.js';
import { faultOfDelegation, scopesFor } from '../token-exchange/delegation.js';
import {
  refusedSubject,
  SUBJECT_TOKEN_READERS,
  type Subject,
  type SubjectTokenReader,
} from '../token-exchange/subject-token.js';

/**
 * Exchanges the token of a caller, so that a service can act for the caller (RFC 8693). The new token never allows
 * more, never lives longer, and is revoked with the first one.
 */
@Injectable()
export class TokenExchangeGrant implements Grant {
  readonly type = 'urn:ietf:params:oauth:grant-type:token-exchange';

  constructor(
    private readonly clients: ClientAuthentication,
    private readonly tokens: DelegatedTokens,
    @Inject(SUBJECT_TOKEN_READERS) private readonly readers: readonly SubjectTokenReader[],
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<OAuthTokenResponse> {
    const client = await this.clients.authenticate(parameters, request);
    if (!client.grantTypes.includes(this.type)) throw new AppError('unauthorized_client');
    const subject = await this.subjectOf(parameters, clientAddressOf(request));
    const fault = faultOfDelegation(subject, client);
    if (fault) throw refusedSubject(fault);
    const audiences = narrowAudiences(parameters, client.audiences);
    const scopes = narrowScopes(parameters.scope, scopesFor(subject, client));
    const answer = this.tokens.mint(client, subject, { audiences, scopes, keyThumbprint: await proveKey() });
    return { ...answer, issued_token_type: ACCESS_TOKEN };
  }

  /** Returns the subject of the request. Throws for a request with unsupported parameters. */
  private subjectOf(parameters: TokenRequestDto, address: string): Promise<Subject> {
    const { subject_token: token, subject_token_type: type, requested_token_type: requested } = parameters;
    if (parameters.actor_token !== undefined || parameters.actor_token_type !== undefined) {
      throw refusal('the client that authenticates is the actor; there is no actor_token');
    }
    if (requested !== undefined && requested !== ACCESS_TOKEN) {
      throw refusal(`requested_token_type can only be ${ACCESS_TOKEN}`);
    }
    const reader = this.readers.find(({ types }) => types.some((name) => name === type));
    if (!reader)
      throw refusal(`subject_token_type must be one of ${this.readers.flatMap(({ types }) => types).join(', ')}`);
    if (token === undefined) throw refusal('subject_token is missing');
    return reader.read(token, address);
  }
}

const refusal = (detail: string): AppError => new AppError('invalid_request', { detail });
