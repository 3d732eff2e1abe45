import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/errors.js';
import type { Person } from '../common/principal.js';
import { parseShortUuid } from '../common/uuid.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UserAccessEnded, UserRolesReduced, type UserTokensRefused } from '../users/user.events.js';
import { UsersService } from '../users/users.service.js';
import { ImpersonationTokens, type ImpersonationToken } from './impersonation-tokens.js';
import { UserImpersonated } from './impersonation.events.js';

/** The request for an impersonation. */
export interface NewImpersonation {
  userId: string;
  /** The reason, for readers of the log. */
  reason: string;
  /** Seconds. */
  lifetime: number;
}

/** Records and issues access tokens of users for other people. */
@Injectable()
export class ImpersonationService implements OnModuleInit {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly tokens: ImpersonationTokens,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
  ) {}

  onModuleInit(): void {
    const note = async (event: UserTokensRefused, manager: EntityManager): Promise<void> =>
      event.noteIssued(await this.tokens.lastIssuedAt(event.userId, manager));
    this.events.on(UserAccessEnded, note);
    this.events.on(UserRolesReduced, note);
  }

  /**
   * Issues an access token of the user that names the actor, and ends with the actor's session at the latest. Throws
   * `not_found`, `forbidden` for a user with a role that this service grants rights to, or who is disabled,
   * `token_revoked` where the actor's session has ended.
   */
  async impersonate(
    { userId, reason, lifetime }: NewImpersonation,
    by: Person,
    cause: ChangeContext,
  ): Promise<ImpersonationToken> {
    const grant = await this.transactions.run(async (manager) => {
      const user = await this.users.lock(userId, manager, 'powerless');
      if (user.status !== 'active') throw new AppError('forbidden', { reason: 'status: the user is disabled' });
      const epoch = await this.tokens.admit(userId, by.subject, manager);
      const session = await this.sessions.hold(parseShortUuid(by.session)!, by.subject, manager);
      if (!session) throw new AppError('token_revoked');
      const recorded = await this.tokens.record({ user, by, epoch, session, lifetime }, manager);
      const event = new UserImpersonated(userId, reason, recorded.expiresAt, cause, recorded.at);
      await this.events.emit(event, manager);
      return recorded;
    });
    return this.tokens.issue(grant);
  }
}
