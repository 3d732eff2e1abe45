import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { UserAccessEnded, UserEmailChanged, UserRolesReduced } from '../users/user.events.js';
import { SessionTermination } from './session-termination.js';
import { SessionsService } from './sessions.service.js';

const PURGE_MS = 15 * 60_000;

/**
 * Ends the sessions of users who lose their access, and refuses the tokens of users who lose roles, in the same
 * transaction. It also deletes sessions that are past their limits.
 */
@Injectable()
export class SessionLifecycle implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
    private readonly events: TransactionalEvents,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.events.on(UserAccessEnded, async ({ userId, reason, cause }, manager) => {
      await this.termination.endWithin({ userId }, reason, cause, manager);
    });
    this.events.on(UserEmailChanged, async ({ userId, cause }, manager) => {
      await this.termination.endWithin({ userId }, 'email_changed', cause, manager);
    });
    // The sessions go on, and their next refresh states the current roles.
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
