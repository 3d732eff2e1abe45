import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { shortUuid } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Database } from '../platform/database/database.js';
import { decideRefresh, type RefreshRules } from './refresh-decision.js';
import { hashSecret, type RefreshClaim } from './refresh-token.js';
import { factsOf, SessionTokens, type SessionFacts } from './session-tokens.js';
import { INSPECT, ROTATE, type InspectedRow, type OwnedRow } from './session.statements.js';
import { SessionsService } from './sessions.service.js';
import type { TokenResponse } from './token.view.js';

/** A refresh token as it came. */
interface PresentedToken {
  claim: RefreshClaim;
  cause: ChangeContext;
  keyThumbprint: string | null;
  arrivedAt: number;
}

/** Refresh token rotation (RFC 9700 4.14.2). */
@Injectable()
export class RefreshService {
  private readonly logger = new Logger(RefreshService.name);
  private readonly rules: RefreshRules;

  constructor(
    config: Config,
    private readonly database: Database,
    private readonly sessions: SessionsService,
    private readonly tokens: SessionTokens,
    private readonly clock: Clock,
  ) {
    this.rules = { idleLimitMs: config.sessionIdleLimit * 1000, replayWindowMs: config.refreshReplayWindow * 1000 };
  }

  /**
   * `keyThumbprint`: of the key that the request has proved to hold, which must be the one that the session is bound to.
   * Throws `refresh_token_invalid`, `invalid_dpop_proof`, and `refresh_token_reused` after ending the session.
   */
  async refresh(
    claim: RefreshClaim,
    cause: ChangeContext,
    keyThumbprint: string | null = null,
  ): Promise<TokenResponse> {
    const presented: PresentedToken = { claim, cause, keyThumbprint, arrivedAt: this.clock.now() };
    const now = this.sessions.earliestIssueTime();
    const values = [claim.sessionId, claim.generation, hashSecret(claim.secret), now, this.sessions.idleSince(now)];
    const [rotated] = await this.database.execute<OwnedRow>(ROTATE, [...values, cause.address, keyThumbprint]);
    const facts = rotated ? factsOf(rotated) : await this.replay(presented);
    return this.tokens.respond(facts, { ...claim, generation: claim.generation + 1 });
  }

  /** The facts for the same successor again, where the direct predecessor comes twice within the window. */
  private async replay(presented: PresentedToken): Promise<SessionFacts> {
    const { claim, cause, keyThumbprint, arrivedAt } = presented;
    const [row] = await this.database.execute<InspectedRow>(INSPECT, [claim.sessionId, hashSecret(claim.secret)]);
    if (!row) throw new AppError('refresh_token_invalid');
    // RFC 9449 5: without the key the token is worth nothing, so nothing has to end either.
    if (row.dpop_jkt !== keyThumbprint) throw new AppError('invalid_dpop_proof', { detail: keyFault(row.dpop_jkt) });
    const stored = {
      generation: row.generation,
      // How long we have kept the token waiting since it came does not make it older.
      sinceRotationMs: row.since_rotation - (this.clock.now() - arrivedAt),
      lastUsedAt: row.rotated_at,
      expiresAt: row.expires_at,
      userActive: row.status === 'active',
    };
    const now = this.sessions.earliestIssueTime().getTime();
    const decision = decideRefresh(claim.generation, stored, this.rules, now);
    // Null where meanwhile somebody has used the successor, or the session has ended: then that decides.
    if (decision === 'replay') {
      return (await this.sessions.touch(claim, cause.address, row.generation)) ?? this.replay(presented);
    }
    if (decision === 'refuse') throw new AppError('refresh_token_invalid');
    await this.sessions.end({ id: claim.sessionId }, 'refresh_token_reused', cause);
    this.logger.warn({
      event: 'refresh_token_reused',
      user_id: row.user_id,
      session: shortUuid(claim.sessionId),
      presented: claim.generation,
      current: row.generation,
    });
    throw new AppError('refresh_token_reused');
  }
}

const keyFault = (boundTo: string | null): string =>
  boundTo === null
    ? 'The session is bound to no key.'
    : 'The session is bound to a key, which the request has to prove.';
