import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { UserAccessEnded, UserEmailChanged, UserRolesReduced } from '../users/user.events.js';
import { SessionsService } from './sessions.service.js';

const PURGE_MS = 15 * 60_000;

/** Ends sessions with their user's access, and tokens with their user's roles, in the same transaction, and sweeps up those past their limits. */
@Injectable()
export class SessionLifecycle implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsService,
    private readonly events: TransactionalEvents,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.events.on(UserAccessEnded, async ({ userId, reason, cause }, manager) => {
      await this.sessions.endWithin({ userId }, reason, cause, manager);
    });
    this.events.on(UserEmailChanged, async ({ userId, cause }, manager) => {
      await this.sessions.endWithin({ userId }, 'email_changed', cause, manager);
    });
    // The sessions live, and their next refresh states the roles anew.
    this.events.on(UserRolesReduced, async (event, manager) => {
      event.noteIssued(await this.sessions.lastIssuedAt(event.userId, manager));
    });
    this.jobs.add({
      name: 'sessions-purge',
      every: PURGE_MS,
      onePerCluster: true,
      run: () => this.sessions.purge(),
    });
  }
}
