import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { SessionsEnded } from '../sessions/session.events.js';
import { UserRolesReduced } from '../users/user.events.js';
import { Outbox } from './outbox.js';
import { SESSION_REVOKED, sessionRevoked, TOKEN_CLAIMS_CHANGE, tokenClaimsChange } from './security-event.js';

/** Writes what happens into the outbox, in the transaction in which it happens. */
@Injectable()
export class SignalCauses implements OnModuleInit {
  constructor(
    private readonly events: TransactionalEvents,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.events.on(SessionsEnded, ({ sessions, reason }, manager) =>
      this.outbox.append(SESSION_REVOKED, sessions, sessionRevoked(reason, this.clock.seconds()), manager),
    );
    this.events.on(UserRolesReduced, ({ userId, roles }, manager) =>
      this.outbox.append(
        TOKEN_CLAIMS_CHANGE,
        [{ userId }],
        tokenClaimsChange({ roles }, this.clock.seconds()),
        manager,
      ),
    );
  }
}
