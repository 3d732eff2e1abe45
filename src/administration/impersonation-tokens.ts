import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import type { Person } from '../common/principal.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { statusListReference } from '../revocation/status-list/status-list.js';
import type { HeldSession } from '../sessions/sessions.service.js';
import { AccessTokens, type TokenGrant } from '../tokens/access-tokens.js';
import type { User } from '../users/user.entity.js';
import { EPOCHS, LATEST, PURGE, RECORD } from './impersonation.statements.js';

const PURGE_MS = 15 * 60_000;

export interface ImpersonationToken {
  token: string;
  /** Seconds. */
  expiresIn: number;
  /** The thumbprint of the key that the token is bound to; null for a bearer token. */
  keyThumbprint: string | null;
}

/** A token that has been recorded and may be issued. */
export interface RecordedImpersonation {
  grant: TokenGrant;
  at: Date;
  expiresAt: Date;
}

interface Impersonation {
  user: User;
  by: Person;
  /** As {@link ImpersonationTokens.admit} returned it. */
  epoch: number;
  /** The session of the actor. */
  session: HeldSession;
  /** Seconds. */
  lifetime: number;
}

/**
 * Issues the access tokens of impersonations. They are recorded first, so that an epoch that is set meanwhile or later
 * refuses them.
 */
@Injectable()
export class ImpersonationTokens implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly accessTokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const run = async (): Promise<void> => void (await this.database.executeLong(PURGE, [this.clock.date()]));
    this.jobs.add({ name: 'impersonations-purge', every: PURGE_MS, onePerCluster: true, run });
  }

  /**
   * Locks the row of the actor, in a transaction that holds that of the user and no session yet: whatever ends sessions
   * locks in this order. Returns the latest second whose tokens are refused. Throws `forbidden` where the actor has lost the
   * role.
   */
  async admit(userId: string, actorId: string, manager: EntityManager): Promise<number> {
    const [admitted] = await manager.query<{ epoch: number }[]>(EPOCHS, [userId, actorId]);
    if (!admitted) throw new AppError('forbidden', { reason: 'role: the actor has lost impersonator meanwhile' });
    return admitted.epoch;
  }

  /** Records a token in the transaction that admitted the actor and holds the session. */
  async record(
    { user, by, epoch, session, lifetime }: Impersonation,
    manager: EntityManager,
  ): Promise<RecordedImpersonation> {
    const { clientId, accessTokenTtl, audience, publicUrl, tokenStatus } = this.config;
    const actor = { subject: by.subject, actor: null };
    const owners = { subject: user.id, client: clientId, actor };
    const at = this.revocations.earliestIssueTime(owners, epoch);
    const issuedAt = Math.floor(at.getTime() / 1000);
    const sessionEnd = Math.floor(session.expiresAt.getTime() / 1000);
    const notAfter = Math.min(issuedAt + Math.min(lifetime, accessTokenTtl), sessionEnd);
    const expiresAt = new Date(notAfter * 1000);
    await manager.query(RECORD, [user.id, by.subject, at, expiresAt]);
    const { statusIndex } = session;
    const grant: TokenGrant = {
      ...owners,
      audiences: [audience],
      session: by.session,
      email: user.email,
      roles: user.roles,
      keyThumbprint: by.keyThumbprint,
      issuedAt,
      notAfter,
      statusList: tokenStatus && statusIndex !== null ? statusListReference(publicUrl, statusIndex) : null,
    };
    return { grant, at, expiresAt };
  }

  /** Issues a recorded token, after the commit. Throws `unavailable` where clocks disagree. */
  async issue({ grant }: RecordedImpersonation): Promise<ImpersonationToken> {
    await this.accessTokens.waitFor(grant.issuedAt);
    return { ...this.accessTokens.issue(grant), keyThumbprint: grant.keyThumbprint ?? null };
  }

  /**
   * Returns the latest `iat`, in seconds, of the living tokens that belong to this user, or name this user as their
   * actor; null for none.
   */
  async lastIssuedAt(userId: string, manager: EntityManager): Promise<number | null> {
    const [{ latest }] = await manager.query<[{ latest: number | null }]>(LATEST, [userId]);
    return latest;
  }
}
