import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { shortUuid } from '../../common/uuid.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Database } from '../../platform/database/database.js';
import { decideRefresh, type RefreshRules } from './refresh-decision.js';
import { hashSecret, type RefreshClaim } from './refresh-token.js';
import { factsOf, SessionTokens, type SessionFacts } from '../session-tokens.js';
import { INSPECT, ROTATE, type InspectedRow, type OwnedRow } from '../session.statements.js';
import { SessionTermination } from '../session-termination.js';
import { SessionsService, type OpenedSession } from '../sessions.service.js';
import type { TokenResponse } from '../token.view.js';

/** A request to refresh. */
export interface RefreshRequest {
  claim: RefreshClaim;
  cause: ChangeContext;
  /** The thumbprint of the key that the request has proved; it must be the one that the session is bound to. */
  keyThumbprint: string | null;
  /** The client that asks; without one, the first-party client. */
  client?: string;
  /** The scopes of the access token, among those of the session; all of them where this is absent. */
  scopes?: readonly string[] | undefined;
  /** The earliest time that tokens of the client may state, in seconds. */
  notBefore?: number;
}

interface PresentedToken extends RefreshRequest {
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
    private readonly termination: SessionTermination,
    private readonly tokens: SessionTokens,
    private readonly clock: Clock,
  ) {
    this.rules = { idleLimitMs: config.sessionIdleLimit * 1000, replayWindowMs: config.refreshReplayWindow * 1000 };
  }

  /** Returns new tokens of a session. Throws as {@link rotate} does. */
  async refresh(request: RefreshRequest): Promise<TokenResponse> {
    const { facts, claim } = await this.rotate(request);
    return this.tokens.issue(facts, claim);
  }

  /**
   * Rotates a session, and returns what its next tokens state. Throws `refresh_token_invalid`, also for a client that
   * the session does not belong to, `invalid_dpop_proof`, `invalid_scope`, and `refresh_token_reused` after ending the
   * session.
   */
  async rotate(request: RefreshRequest): Promise<OpenedSession> {
    const { claim, cause, keyThumbprint, client, scopes } = request;
    const arrivedAt = this.clock.now();
    const now = this.earliestTime(request);
    const [rotated] = await this.database.execute<OwnedRow>(ROTATE, [
      claim.sessionId,
      claim.generation,
      hashSecret(claim.secret),
      now,
      this.sessions.idleSince(now),
      cause.address,
      keyThumbprint,
      this.sessions.storedClient(client ?? null),
      scopes ?? [],
    ]);
    const facts = rotated ? factsOf(rotated) : await this.replay({ ...request, arrivedAt });
    return {
      facts: scopes ? { ...facts, scopes } : facts,
      claim: { ...claim, generation: claim.generation + 1 },
    };
  }

  /** Returns the facts for the same successor again, where the direct predecessor comes twice within the window. */
  private async replay(presented: PresentedToken): Promise<SessionFacts> {
    const { claim, cause, keyThumbprint, client, scopes, arrivedAt } = presented;
    const [row] = await this.database.execute<InspectedRow>(INSPECT, [claim.sessionId, hashSecret(claim.secret)]);
    if (!row) throw new AppError('refresh_token_invalid');
    // RFC 6749 6: the token is of no use to another client, so the session need not end either.
    const own = this.sessions.storedClient(client ?? null);
    if (row.client_id !== own) throw new AppError('refresh_token_invalid', { reason: OTHER_CLIENT });
    // RFC 9449 5: it is of no use without the key either.
    if (row.dpop_jkt !== keyThumbprint) throw new AppError('invalid_dpop_proof', { detail: keyFault(row.dpop_jkt) });
    const stored = {
      generation: row.generation,
      // The time that the token has waited here does not count as its age.
      sinceRotationMs: row.since_rotation - (this.clock.now() - arrivedAt),
      lastUsedAt: row.rotated_at,
      expiresAt: row.expires_at,
      userActive: row.status === 'active',
    };
    const now = this.earliestTime(presented);
    const decision = decideRefresh(claim.generation, stored, this.rules, now.getTime());
    if (decision !== 'reuse' && scopes && !scopes.every((scope) => row.scopes.includes(scope)))
      throw new AppError('invalid_scope');
    // It is null where the successor has been used meanwhile, or the session has ended: then that decides.
    if (decision === 'replay') {
      return (await this.sessions.touch(claim, cause.address, row.generation, now)) ?? this.replay(presented);
    }
    if (decision === 'refuse') throw new AppError('refresh_token_invalid');
    await this.termination.end({ id: claim.sessionId }, 'refresh_token_reused', cause);
    this.logger.warn({
      event: 'refresh_token_reused',
      user_id: row.user_id,
      session: shortUuid(claim.sessionId),
      presented: claim.generation,
      current: row.generation,
    });
    throw new AppError('refresh_token_reused');
  }

  private earliestTime({ client, notBefore = 0 }: RefreshRequest): Date {
    return new Date(Math.max(this.sessions.earliestIssueTime(client).getTime(), notBefore * 1000));
  }
}

const OTHER_CLIENT = 'client: the session is of another one';

const keyFault = (boundTo: string | null): string =>
  boundTo === null
    ? 'The session is bound to no key.'
    : 'The session is bound to a key, which the request has to prove.';
