import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../clients/client-directory.js';
import { AccessTokens, type TokenGrant } from '../tokens/access-tokens.js';
import { OAuthTokenResponse } from './oauth.view.js';

/** Mints the access tokens of clients. */
@Injectable()
export class ClientTokens {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly accessTokens: AccessTokens,
  ) {}

  /**
   * Answers with an access token. Throws `unavailable` where an epoch would refuse the client's tokens for longer than
   * a request waits, or where the client has lost some access meanwhile; `invalid_client` where it has lost all.
   */
  async issue(
    client: RegisteredClient,
    grant: Omit<TokenGrant, 'client' | 'issuedAt' | 'lifetime'>,
  ): Promise<OAuthTokenResponse> {
    const issuedAt = this.clients.earliestIssueTime(client, grant.subject);
    await this.accessTokens.waitFor(issuedAt);
    // The last wait: since the client was found, the request has waited for proofs and epochs.
    await this.clients.findAgain(client);
    const { token, expiresIn } = this.accessTokens.issue({
      ...grant,
      client: client.id,
      issuedAt,
      lifetime: client.tokenTtl ?? Infinity,
    });
    return OAuthTokenResponse.of(token, expiresIn, grant);
  }
}
