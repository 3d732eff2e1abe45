import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { UserAccessEnded, UserRolesReduced } from '../users/user.events.js';
import { SessionsService } from './sessions.service.js';

const PURGE_MS = 15 * 60_000;

/** Ends sessions with their user's access, and tokens with their user's roles, in the same transaction, and sweeps up those past their limits. */
@Injectable()
export class SessionLifecycle implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(SessionLifecycle.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: SessionsService,
    private readonly events: TransactionalEvents,
  ) {}

  onModuleInit(): void {
    this.events.on(UserAccessEnded, async ({ userId, reason }, manager) => {
      await this.sessions.endWithin({ userId }, reason, manager);
    });
    this.events.on(UserRolesReduced, ({ userId }, manager) => this.sessions.expireTokens(userId, manager));
    this.timer = setInterval(() => {
      this.sessions
        .purge()
        .catch((error: unknown) => this.logger.warn(`Sessions could not be purged: ${String(error)}`));
    }, PURGE_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
