import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import { WorkloadAssertions } from '../assertions/workload-assertions.js';
import { hasCredentials } from '../client-authentication/first-party-client.js';
import { ClientTokens } from '../client-tokens.js';
import type { Grant, ProveKey } from '../grant.js';
import { narrowAudiences, narrowScopes } from '../narrowing.js';
import type { TokenRequestDto } from '../oauth.dto.js';
import type { OAuthTokenResponse } from '../oauth.view.js';

// Only failures count, as in the authentication of clients.
const FAILURES = policyOf({ name: 'assertion', counts: 'network', attempts: 60, window: 5 * 60 });

/** Issues tokens to a service without a secret, for which its platform vouches (RFC 7523 2.1). */
@Injectable()
export class JwtBearerGrant implements Grant {
  readonly type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

  constructor(
    private readonly assertions: WorkloadAssertions,
    private readonly clients: ClientDirectory,
    private readonly tokens: ClientTokens,
    private readonly limiter: RateLimiter,
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<OAuthTokenResponse> {
    const { assertion, client_id: clientId } = parameters;
    if (assertion === undefined) throw new AppError('invalid_request', { detail: 'assertion is missing' });
    if (hasCredentials(parameters, request)) {
      throw new AppError('invalid_request', { detail: 'the assertion alone says who the client is' });
    }
    const client = await this.clientOf(assertion);
    // RFC 7521 4.1: a client_id is not needed; where it is present it must be that of the same client.
    if (!client || (clientId !== undefined && clientId !== client.id)) {
      await this.limiter.consume(FAILURES, networkOf(clientAddressOf(request)));
      throw new AppError('invalid_grant');
    }
    if (!client.grantTypes.includes(this.type)) throw new AppError('unauthorized_client');
    const audiences = narrowAudiences(parameters, client.audiences);
    const scopes = narrowScopes(parameters.scope, client.scopes);
    return this.tokens.issue(client, {
      subject: client.id,
      audiences,
      scopes,
      keyThumbprint: await proveKey(),
    });
  }

  /**
   * Returns the client of an assertion; null for every invalid one, so that the answer does not tell which identities
   * exist.
   */
  private async clientOf(assertion: string): Promise<RegisteredClient | null> {
    const identity = await this.assertions.claimedBy(assertion);
    // The client is read before the assertion is verified, so that a change from here on is noticed.
    const client = identity && (await this.clients.find(identity.clientId));
    return client && (await this.assertions.isOf(identity, assertion)) ? client : null;
  }
}
