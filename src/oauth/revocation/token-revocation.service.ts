import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { isPerson, type Principal } from '../../common/principal.js';
import { parseShortUuid } from '../../common/uuid.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { noteRefusal } from '../../platform/http/request/request-log.js';
import { hashSecret } from '../../sessions/refresh/refresh-token.js';
import { SessionTokens } from '../../sessions/session-tokens.js';
import { SessionTermination } from '../../sessions/session-termination.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { FirstPartyClient } from '../client-authentication/first-party-client.js';

/** Revokes tokens for the client that they were issued to (RFC 7009). */
@Injectable()
export class TokenRevocation {
  constructor(
    private readonly publicClient: FirstPartyClient,
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
    private readonly sessionTokens: SessionTokens,
    private readonly accessTokens: AccessTokens,
  ) {}

  /**
   * Ends the session of a refresh token or an access token. A text that is no valid token counts as revoked
   * (RFC 7009 2.2); the log of the request says why. Throws `invalid_grant` for a token of another client,
   * `unsupported_token_type` for one that belongs to no session.
   */
  async revoke(token: string, client: string, request: FastifyRequest): Promise<void> {
    const cause = this.causeOf(client, request);
    const claim = this.sessionTokens.decode(token);
    if (claim) {
      const owner = await this.sessions.clientOf(claim);
      if (owner === null) return;
      refuseOthers(owner, client);
      await this.termination.end({ id: claim.sessionId, secretHash: hashSecret(claim.secret) }, 'logout', cause);
      return;
    }
    const principal = await this.principalOf(token, request);
    if (!principal) return;
    refuseOthers(principal.client, client);
    // A service that acts for a user may not end the user's session, and tokens are not revoked one by one.
    if (!isPerson(principal)) throw new AppError('unsupported_token_type');
    const id = parseShortUuid(principal.session);
    if (id) await this.termination.end({ id, userId: principal.subject }, 'logout', cause);
  }

  /** Returns the cause of the change. A public client is not authenticated, because anybody can name it. */
  private causeOf(client: string, request: FastifyRequest): ChangeContext {
    const cause = changeContextOf(request);
    return client === this.publicClient.id ? cause : cause.by({ kind: 'client', id: client });
  }

  private async principalOf(token: string, request: FastifyRequest): Promise<Principal | null> {
    try {
      return await this.accessTokens.verify(token);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'token_invalid') throw error;
      noteRefusal(request, error);
      return null;
    }
  }
}

// RFC 7009 2.1: the request is refused with an error. RFC 6749 5.2 has the code for it.
function refuseOthers(owner: string, client: string): void {
  if (owner !== client) throw new AppError('invalid_grant', { detail: 'the token was issued to another client' });
}
