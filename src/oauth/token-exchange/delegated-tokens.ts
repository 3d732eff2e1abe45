import { Injectable } from '@nestjs/common';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { OAuthTokenResponse } from '../oauth.view.js';
import { actorFor, endOf } from './delegation.js';
import { refusedSubject, type Subject } from './subject-token.js';

/** Mints access tokens with which a client acts for another subject. */
@Injectable()
export class DelegatedTokens {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /**
   * Mints a token that states the session and the `iat` of the subject token. Every revocation of the one thus refuses
   * the other too, also one that this instance does not know yet. Throws `invalid_request`, `unavailable`.
   */
  mint(
    client: RegisteredClient,
    subject: Subject,
    asked: { audiences: readonly string[]; scopes: readonly string[]; keyThumbprint: string | null },
  ): OAuthTokenResponse {
    const { id, session, roles, email, issuedAt, statusList } = subject;
    const actor = actorFor(subject, client);
    const token = { subject: id, session, client: client.id, issuedAt, actor };
    if (this.revocations.isRevoked(token)) throw refusedSubject('has been revoked, for this client at least');
    const now = this.clock.seconds();
    const notAfter = endOf(subject, client, now);
    const minted = this.accessTokens.issue({
      ...token,
      ...asked,
      ...(roles.length > 0 && { roles }),
      email,
      statusList,
      notAfter,
    });
    const expiresIn = issuedAt + minted.expiresIn - now;
    // The setting may have become shorter than the lives of issued tokens.
    if (expiresIn <= 0) throw refusedSubject('has expired');
    return OAuthTokenResponse.of(minted.token, expiresIn, asked);
  }
}
