import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Transactions } from '../platform/database/transactions.js';
import type { EndedSession } from '../revocation/revocation-log.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { hashSecret, SECRET_BYTES, type RefreshClaim } from './refresh-token.js';
import { SessionsEnded, type SessionEndReason } from './session.events.js';
import { factsOf, type SessionFacts } from './session-tokens.js';
import { LIST, OPEN, PURGE, type OwnedRow, type SessionRow } from './session.statements.js';

/** What is known of the device that signs in. */
export interface Device {
  userAgent: string | null;
  address: string;
}

export interface OpenedSession {
  claim: RefreshClaim;
  facts: SessionFacts;
}

/** Which sessions to end: one (of this user, or with this secret), all of a user, or all of a user but one. */
export type SessionSelection =
  | { id: string }
  | { id: string; userId: string }
  | { id: string; secretHash: Buffer }
  | { userId: string }
  | { userId: string; except: string };

function conditionOf(selection: SessionSelection): [condition: string, values: unknown[]] {
  if ('secretHash' in selection) return ['id = $1 AND secret_hash = $2', [selection.id, selection.secretHash]];
  if ('except' in selection) return ['user_id = $1 AND id <> $2', [selection.userId, selection.except]];
  if (!('id' in selection)) return ['user_id = $1', [selection.userId]];
  if ('userId' in selection) return ['id = $1 AND user_id = $2', [selection.id, selection.userId]];
  return ['id = $1', [selection.id]];
}

@Injectable()
export class SessionsService {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /** Opens a session, or returns null where the user is no longer active or their credentials have changed meanwhile. */
  async open(userId: string, credentialsVersion: number, device: Device): Promise<OpenedSession | null> {
    const now = this.earliestIssueTime();
    const claim: RefreshClaim = { sessionId: uuidv7(now.getTime()), generation: 0, secret: randomBytes(SECRET_BYTES) };
    const expiresAt = new Date(now.getTime() + this.config.sessionAbsoluteLimit * 1000);
    const userAgent = device.userAgent?.slice(0, 256).toWellFormed() ?? null;
    const values = [claim.sessionId, userId, hashSecret(claim.secret), now, expiresAt, userAgent, device.address];
    const [opened] = await this.database.execute<OwnedRow>(OPEN, [...values, credentialsVersion]);
    return opened ? { claim, facts: factsOf(opened) } : null;
  }

  /** The live sessions of a user, the most recently used first. */
  list(userId: string): Promise<SessionRow[]> {
    const now = this.clock.date();
    return this.database.execute<SessionRow>(LIST, [userId, now, this.idleSince(now)]);
  }

  /** Ends sessions and revokes their access tokens, at once and in one transaction. Returns how many there were. */
  end(selection: SessionSelection, reason: SessionEndReason): Promise<number> {
    return this.transactions.run((manager) => this.endWithin(selection, reason, manager));
  }

  /** Like {@link end}, as the last step of a transaction. */
  async endWithin(selection: SessionSelection, reason: SessionEndReason, manager: EntityManager): Promise<number> {
    const [condition, values] = conditionOf(selection);
    // In the order of their ids, so that callers who end overlapping sets wait for each other instead of deadlocking.
    const ended = await manager.query<(EndedSession & { userId: string })[]>(
      `WITH chosen AS (SELECT id FROM sessions WHERE ${condition} ORDER BY id FOR UPDATE),
         ended AS (DELETE FROM sessions WHERE id IN (SELECT id FROM chosen) RETURNING id, user_id, status_index)
       SELECT id, user_id AS "userId", status_index AS "statusIndex" FROM ended`,
      values,
    );
    if (ended.length === 0) return 0;
    await this.events.emit(new SessionsEnded(ended, reason), manager);
    await this.revocations.revokeSessions(ended, manager);
    return ended.length;
  }

  /**
   * Refuses the access tokens that the sessions of a user have, as the last step of a transaction that holds the user's
   * row. The sessions live, and their next refresh states the user anew.
   */
  async expireTokens(userId: string, manager: EntityManager): Promise<void> {
    // No token of theirs states a later time: not one of a faster clock, nor one that waits for an epoch to pass.
    const [{ latest }] = await manager.query<[{ latest: number | null }]>(
      'SELECT floor(extract(epoch FROM max(rotated_at)))::float8 AS latest FROM sessions WHERE user_id = $1',
      [userId],
    );
    if (latest === null) return;
    const epoch = Math.max(latest, this.clock.seconds());
    await manager.query('UPDATE users SET token_epoch = $2 WHERE id = $1', [userId, epoch]);
    await this.revocations.revokeTokens('user', userId, manager, epoch);
  }

  /** Forgets sessions past their limits; their tokens are dead already. */
  async purge(): Promise<void> {
    const now = this.clock.date();
    await this.database.execute(PURGE, [now, this.idleSince(now)]);
  }

  /**
   * The earliest time that tokens may state as their `iat`: not after the facts are going to be read, so that an epoch set
   * since then refuses them, and after the epochs of everybody and of the client. (The user's is in the user's row.)
   */
  earliestIssueTime(): Date {
    const epoch = this.revocations.epochOf({ subject: '', client: this.config.clientId });
    return new Date(Math.max(this.clock.now(), (epoch + 1) * 1000));
  }

  /** A session that has not been refreshed since is over. */
  idleSince(now: Date): Date {
    return new Date(now.getTime() - this.config.sessionIdleLimit * 1000);
  }
}
