import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { clientAddressOf } from '../../platform/http/client-address.js';
import { RefreshLimits } from '../../sessions/refresh-limits.js';
import { RefreshService } from '../../sessions/refresh.service.js';
import { SessionTokens } from '../../sessions/session-tokens.js';
import type { TokenResponse } from '../../sessions/token.view.js';
import { PublicClient } from '../client-authentication/public-client.js';
import type { Grant, ProveKey } from '../grant.js';
import type { TokenRequestDto } from '../oauth.dto.js';

/** A session goes on (RFC 6749 6): what `POST /auth/refresh` does, for clients that speak OAuth. */
@Injectable()
export class RefreshTokenGrant implements Grant {
  readonly type = 'refresh_token';

  constructor(
    private readonly client: PublicClient,
    private readonly sessionTokens: SessionTokens,
    private readonly refreshes: RefreshService,
    private readonly limits: RefreshLimits,
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<TokenResponse> {
    const { refresh_token: token, client_id: clientId = this.client.id } = parameters;
    if (!this.client.isNamedBy({ ...parameters, client_id: clientId }, request)) throw new AppError('invalid_client');
    if (token === undefined) throw new AppError('invalid_request', { detail: 'refresh_token is missing' });
    const claim = this.sessionTokens.read(token);
    const address = clientAddressOf(request);
    const rotate = async () => {
      if (!claim) throw new AppError('refresh_token_invalid');
      const keyThumbprint = await proveKey();
      return this.refreshes.refresh({ claim, cause: changeContextOf(request), keyThumbprint });
    };
    return this.limits.refresh(claim?.sessionId ?? null, address, rotate).catch(asInvalidGrant);
  }
}

const REFUSALS = new Set(['refresh_token_invalid', 'refresh_token_reused']);

/** RFC 6749 5.2: one word for whatever is wrong with a refresh token. */
function asInvalidGrant(error: unknown): never {
  if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error;
  throw new AppError('invalid_grant', { detail: error.message, cause: error });
}
