import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { RefreshLimits } from '../../sessions/refresh/refresh-limits.js';
import { SessionTokens } from '../../sessions/session-tokens.js';
import type { TokenResponse } from '../../sessions/token.view.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { FirstPartyClient } from '../client-authentication/first-party-client.js';
import { ClientRefreshes } from '../client-refreshes.js';
import type { Grant, ProveKey } from '../grant.js';
import { scopesOf } from '../narrowing.js';
import type { TokenRequestDto } from '../oauth.dto.js';

/** Refreshes a session (RFC 6749 6), like `POST /auth/refresh`, for clients that use OAuth. */
@Injectable()
export class RefreshTokenGrant implements Grant {
  readonly type = 'refresh_token';

  constructor(
    private readonly publicClient: FirstPartyClient,
    private readonly authentication: ClientAuthentication,
    private readonly sessionTokens: SessionTokens,
    private readonly refreshes: ClientRefreshes,
    private readonly limits: RefreshLimits,
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<TokenResponse> {
    const client = await this.clientOf(parameters, request);
    if (parameters.refresh_token === undefined)
      throw new AppError('invalid_request', { detail: 'refresh_token is missing' });
    const claim = this.sessionTokens.decode(parameters.refresh_token);
    const address = clientAddressOf(request);
    const anyone = changeContextOf(request);
    const cause = client ? anyone.by({ kind: 'client', id: client.id }) : anyone;
    const scopes = parameters.scope === undefined ? undefined : scopesOf(parameters.scope);
    const rotate = async () => {
      if (!claim) throw new AppError('refresh_token_invalid');
      const keyThumbprint = await proveKey();
      return this.refreshes.refresh({ claim, cause, keyThumbprint, scopes }, client);
    };
    return this.limits.refresh(claim?.sessionId ?? null, address, rotate).catch(asInvalidGrant);
  }

  /** Returns the client of a request; null for the first-party client, which need not name itself. */
  private async clientOf(parameters: TokenRequestDto, request: FastifyRequest): Promise<RegisteredClient | null> {
    const { client_id = this.publicClient.id } = parameters;
    if (this.publicClient.isNamedBy({ ...parameters, client_id }, request)) return null;
    return this.authentication.authenticate(parameters, request);
  }
}

const REFUSALS = new Set(['refresh_token_invalid', 'refresh_token_reused']);

/** RFC 6749 5.2: one code for every fault of a refresh token. */
function asInvalidGrant(error: unknown): never {
  if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error;
  throw new AppError('invalid_grant', { detail: error.message, cause: error });
}
