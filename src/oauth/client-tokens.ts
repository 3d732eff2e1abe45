import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../clients/client-directory.js';
import { AccessTokens, type TokenGrant } from '../tokens/access-tokens.js';
import { OAuthTokenResponse } from './oauth.view.js';

/** Access tokens that clients are handed. */
@Injectable()
export class ClientTokens {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly accessTokens: AccessTokens,
  ) {}

  /**
   * Throws `unavailable` where the client's tokens are refused for longer than anybody waits, or where something has been
   * taken away from it meanwhile; `invalid_client` where all has.
   */
  async respond(
    client: RegisteredClient,
    grant: Omit<TokenGrant, 'client' | 'issuedAt' | 'lifetime'>,
  ): Promise<OAuthTokenResponse> {
    const issuedAt = this.clients.earliestIssueTime(client, grant.subject);
    await this.accessTokens.waitFor(issuedAt);
    // The last thing that is awaited: since the client was found, proofs were checked and epochs waited for.
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
