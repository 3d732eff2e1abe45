import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { deriveKey } from '../common/crypto.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { decodeRefreshToken, encodeRefreshToken, type RefreshClaim } from './refresh-token.js';
import type { TokenResponse } from './token.view.js';

/** What the tokens of a session say of its user, and when the session ends at the latest. */
export interface SessionFacts {
  userId: string;
  email: string;
  roles: string[];
  expiresAt: Date;
}

/** The pair of tokens that a session hands out. */
@Injectable()
export class SessionTokens {
  private readonly refreshKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {
    this.refreshKey = deriveKey(config.secretKey, 'refresh-tokens');
  }

  respond(facts: SessionFacts, claim: RefreshClaim): TokenResponse {
    const sessionExpiresAt = Math.floor(facts.expiresAt.getTime() / 1000);
    const { token, expiresIn } = this.accessTokens.issue({
      userId: facts.userId,
      session: shortUuid(claim.sessionId),
      email: facts.email,
      roles: facts.roles,
      sessionExpiresAt,
    });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: encodeRefreshToken(this.refreshKey, claim),
      refresh_expires_in: Math.min(this.config.sessionIdleLimit, sessionExpiresAt - this.clock.seconds()),
    };
  }

  /** Null for a text that is no refresh token of ours. */
  read(refreshToken: string): RefreshClaim | null {
    return decodeRefreshToken(this.refreshKey, refreshToken);
  }
}
