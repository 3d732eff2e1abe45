import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../clients/client-directory.js';
import { AppError } from '../common/errors.js';
import { RefreshService, type RefreshRequest } from '../sessions/refresh/refresh.service.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { sessionScopesOf } from './authorization/steps/scope.js';
import { ClientSessionTokens } from './client-session-tokens.js';

/** Refreshes a session for a client. */
@Injectable()
export class ClientRefreshes {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly refreshes: RefreshService,
    private readonly tokens: ClientSessionTokens,
  ) {}

  /**
   * Refreshes a session for `client`, null for the first-party one. Another client gets only what it may still have
   * itself. Throws as {@link RefreshService.rotate} does, and `unauthorized_client`, `invalid_scope`, `invalid_target`, `invalid_client`,
   * `unavailable` where the client has lost access.
   */
  async refresh(request: RefreshRequest, client: RegisteredClient | null): Promise<TokenResponse> {
    if (!client) return this.refreshes.refresh(request);
    // An administrator may have taken away that people sign in to it.
    if (!client.grantTypes.includes('authorization_code')) throw new AppError('unauthorized_client');
    const allowed = sessionScopesOf(client);
    if (request.scopes?.some((scope) => !allowed.includes(scope))) throw new AppError('invalid_scope');
    const notBefore = this.clients.earliestIssueTime(client);
    const opened = await this.refreshes.rotate({ ...request, client: client.id, notBefore });
    return this.tokens.issue(opened, client);
  }
}
