import { Injectable } from '@nestjs/common';
import { ClientDirectory } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { isPerson, type Principal } from '../../common/principal.js';
import { Config } from '../../platform/config/config.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';

/** Decides whether a genuine token may call this service at all. */
@Injectable()
export class TokenAcceptance {
  constructor(
    private readonly config: Config,
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly clients: ClientDirectory,
  ) {}

  /**
   * Accepts a token that is meant for this service, has not been revoked, and is not one that an application of others has
   * got for a person; without a promise for the first-party client. Throws `token_invalid`, `token_revoked`, `forbidden`.
   */
  accept(principal: Principal): Principal | Promise<Principal> {
    this.tokens.requireForUs(principal);
    this.revocations.check(principal);
    const isOfApplication = isPerson(principal) && principal.client !== this.config.clientId;
    return isOfApplication ? this.acceptApplication(principal) : principal;
  }

  // The person has given the application some scopes, and not the account: its password, its sessions, its roles.
  private async acceptApplication(principal: Principal): Promise<Principal> {
    const client = await this.clients.find(principal.client);
    if (client?.firstParty) return principal;
    throw new AppError('forbidden', { reason: 'client_id: expected a client of the operator, found another one' });
  }
}
