import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';
import { signJws } from '../../jose/jws.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config } from '../../platform/config/config.js';
import { noteRefusal } from '../../platform/http/request/request-log.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { IntrospectionView } from './introspection.view.js';

/** RFC 7662 2.2: nothing more is said of a token that is not active, whatever the reason. */
const INACTIVE: IntrospectionView = { active: false };

/**
 * Tells whether access tokens are valid (RFC 7662), from memory. Refresh tokens are never active, because no service
 * needs to ask about them.
 */
@Injectable()
export class Introspection {
  constructor(
    private readonly config: Config,
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly ring: KeyRing,
    private readonly clock: Clock,
  ) {}

  /**
   * Introspects a token. The log of the request says why a token is not active. Throws `unavailable` where we cannot
   * know.
   */
  async introspect(token: string, client: RegisteredClient, request: FastifyRequest): Promise<IntrospectionView> {
    try {
      const principal = await this.tokens.verify(token);
      requireMayAsk(client, principal);
      this.revocations.check(principal);
      return IntrospectionView.of(principal, this.config.publicUrl);
    } catch (error) {
      if (!(error instanceof AppError && (error.code === 'token_invalid' || error.code === 'token_revoked')))
        throw error;
      noteRefusal(request, error);
      return INACTIVE;
    }
  }

  /** Signs the answer as a JWT for this client alone (RFC 9701 5). Its type prevents its use as another token. */
  sign(answer: IntrospectionView, client: RegisteredClient): string {
    const claims = {
      iss: this.config.publicUrl,
      aud: client.id,
      iat: this.clock.seconds(),
      token_introspection: answer,
    };
    return signJws('token-introspection+jwt', JSON.stringify(claims), this.ring.signer);
  }
}

/** RFC 7662 4: only audiences of the token and its own client may ask; to others it does not exist. */
function requireMayAsk({ id, servedAudiences }: RegisteredClient, { client, audiences }: Principal): void {
  if (client === id || audiences.some((audience) => servedAudiences.includes(audience))) return;
  throw new AppError('token_invalid', {
    reason: reasonOf('aud', ['one that is served', ...servedAudiences], audiences),
  });
}
