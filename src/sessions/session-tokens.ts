import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { deriveKey } from '../common/crypto.js';
import { AppError } from '../common/errors.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { statusListReference } from '../revocation/status-list/status-list.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { decodeRefreshToken, encodeRefreshToken, type RefreshClaim } from './refresh-token.js';
import type { OwnedRow } from './session.statements.js';
import type { TokenResponse } from './token.view.js';

/** A token cannot be minted before its `iat`, which lies after every epoch: how far the clock may have to go, in seconds. */
const MAX_EPOCH_WAIT = 5;

/** What the tokens of a session say of its user, and when the session ends at the latest. */
export interface SessionFacts {
  userId: string;
  email: string;
  roles: string[];
  /** Seconds: the `iat` of the tokens that state this. */
  issuedAt: number;
  /** Its place in the Token Status Lists; null for a session older than those. */
  statusIndex: number | null;
  expiresAt: Date;
}

export const factsOf = (row: OwnedRow): SessionFacts => ({
  userId: row.user_id,
  email: row.email,
  roles: row.roles,
  issuedAt: Math.floor(row.rotated_at.getTime() / 1000),
  statusIndex: row.status_index,
  expiresAt: row.expires_at,
});

const expirySecond = ({ expiresAt }: SessionFacts): number => Math.floor(expiresAt.getTime() / 1000);

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

  /** Throws `unavailable` where clocks disagree. */
  async respond(facts: SessionFacts, claim: RefreshClaim): Promise<TokenResponse> {
    const { token, expiresIn } = await this.mint(facts, claim.sessionId);
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: encodeRefreshToken(this.refreshKey, claim),
      refresh_expires_in: Math.min(this.config.sessionIdleLimit, expirySecond(facts) - facts.issuedAt),
    };
  }

  /** An access token alone. Throws `unavailable` where clocks disagree. */
  async mint(facts: SessionFacts, sessionId: string): Promise<{ token: string; expiresIn: number }> {
    const { issuedAt, statusIndex } = facts;
    await this.waitFor(issuedAt);
    const { tokenStatus, publicUrl } = this.config;
    return this.accessTokens.issue({
      subject: facts.userId,
      client: this.config.clientId,
      audiences: [this.config.audience],
      session: shortUuid(sessionId),
      email: facts.email,
      roles: facts.roles,
      issuedAt,
      notAfter: expirySecond(facts),
      statusList: tokenStatus && statusIndex !== null ? statusListReference(publicUrl, statusIndex) : null,
    });
  }

  /** Within the very second of an epoch that takes the rest of the second. */
  private async waitFor(issuedAt: number): Promise<void> {
    const wait = issuedAt * 1000 - this.clock.now();
    if (wait > MAX_EPOCH_WAIT * 1000) throw new AppError('unavailable', { retryAfterSeconds: MAX_EPOCH_WAIT });
    if (wait > 0) await sleep(wait);
  }

  /** Null for a text that is no refresh token of ours. */
  read(refreshToken: string): RefreshClaim | null {
    return decodeRefreshToken(this.refreshKey, refreshToken);
  }
}
