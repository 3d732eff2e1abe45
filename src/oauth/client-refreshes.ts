import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../clients/client-directory.js';
import { AppError } from '../common/errors.js';
import { RefreshService, type RefreshRequest } from '../sessions/refresh/refresh.service.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import type { TokenResponse } from '../sessions/token.view.js';

/** Refreshes a session for a client. */
@Injectable()
export class ClientRefreshes {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly refreshes: RefreshService,
    private readonly tokens: SessionTokens,
  ) {}

  /**
   * Refreshes a session for `client`, null for the first-party one. Another client gets only what it may still have
   * itself. Throws as {@link RefreshService.rotate} does, and `invalid_scope`, `invalid_target`, `invalid_client`,
   * `unavailable` where the client has lost access.
   */
  async refresh(request: RefreshRequest, client: RegisteredClient | null): Promise<TokenResponse> {
    if (!client) return this.refreshes.refresh(request);
    if (request.scopes && !areAllowed(request.scopes, client.scopes)) throw new AppError('invalid_scope');
    const notBefore = this.clients.earliestIssueTime(client);
    const { facts, claim } = await this.refreshes.rotate({ ...request, client: client.id, notBefore });
    const scopes = facts.scopes.filter((scope) => client.scopes.includes(scope));
    const audiences = facts.audiences?.filter((audience) => client.audiences.includes(audience)) ?? null;
    if (audiences?.length === 0) throw new AppError('invalid_target');
    return this.tokens.issue({ ...facts, scopes, audiences }, claim, {
      lifetime: client.tokenTtl ?? Infinity,
      confirm: () => this.clients.findAgain(client),
    });
  }
}

const areAllowed = (scopes: readonly string[], allowed: readonly string[]): boolean =>
  scopes.every((scope) => allowed.includes(scope));
