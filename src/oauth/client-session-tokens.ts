import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../clients/client-directory.js';
import { AppError } from '../common/errors.js';
import { shortUuid } from '../common/uuid.js';
import { SessionTokens, type SessionFacts } from '../sessions/session-tokens.js';
import type { OpenedSession } from '../sessions/sessions.service.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { IdTokens } from '../tokens/id-tokens.js';
import { UsersService } from '../users/users.service.js';
import { sessionScopesOf } from './authorization/steps/scope.js';
import { namesClaims, personClaimsOf } from './person-claims.js';

/** Makes the tokens of an application's session. */
@Injectable()
export class ClientSessionTokens {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly tokens: SessionTokens,
    private readonly idTokens: IdTokens,
    private readonly users: UsersService,
  ) {}

  /**
   * Answers with the tokens of a session, for what the client may still have itself; with an ID token where the session has
   * the scope `openid`. Throws `invalid_target`, and `invalid_client`, `unavailable` where the client has lost access.
   */
  async issue(
    { facts, claim }: OpenedSession,
    client: RegisteredClient,
    nonce: string | null = null,
  ): Promise<TokenResponse> {
    const allowed = sessionScopesOf(client);
    const scopes = facts.scopes.filter((scope) => allowed.includes(scope));
    const audiences = facts.audiences?.filter((audience) => client.audiences.includes(audience)) ?? null;
    if (audiences?.length === 0) throw new AppError('invalid_target');
    const isOpenId = scopes.includes('openid');
    const claims = isOpenId ? await this.claimsOf(facts, scopes) : {};
    const answer = await this.tokens.issue({ ...facts, scopes, audiences }, claim, {
      lifetime: client.tokenTtl ?? Infinity,
      confirm: () => this.clients.findAgain(client),
    });
    if (!isOpenId) return answer;
    const { userId: subject, authentication, issuedAt } = facts;
    const { access_token: accessToken, expires_in: lifetime } = answer;
    const session = shortUuid(claim.sessionId);
    const about = {
      subject,
      client: client.id,
      session,
      authentication,
      accessToken,
      claims,
      nonce,
      issuedAt,
      lifetime,
    };
    return { ...answer, id_token: this.idTokens.issue(about) };
  }

  private async claimsOf({ userId }: SessionFacts, scopes: readonly string[]): Promise<Record<string, unknown>> {
    return namesClaims(scopes) ? { ...personClaimsOf(await this.users.get(userId), scopes) } : {};
  }
}
