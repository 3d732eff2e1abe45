import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { SessionsEnded } from '../../sessions/session.events.js';
import { UserPasswordChanged, UserRolesReduced } from '../../users/user.events.js';
import { Outbox } from '../delivery/outbox.js';
import {
  CREDENTIAL_CHANGE,
  passwordChanged,
  SESSION_REVOKED,
  sessionRevoked,
  TOKEN_CLAIMS_CHANGE,
  tokenClaimsChange,
} from './security-event.js';

/** Writes security events into the outbox, in the transaction in which they happen. */
@Injectable()
export class SignalCauses implements OnModuleInit {
  constructor(
    private readonly events: TransactionalEvents,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const now = () => this.clock.seconds();
    this.events.on(SessionsEnded, ({ sessions, reason }, manager) =>
      this.outbox.append(SESSION_REVOKED, sessions, sessionRevoked(reason, now()), manager),
    );
    this.events.on(UserRolesReduced, ({ userId, roles }, manager) =>
      this.outbox.append(TOKEN_CLAIMS_CHANGE, [{ userId }], tokenClaimsChange({ roles }, now()), manager),
    );
    this.events.on(UserPasswordChanged, ({ userId, by }, manager) =>
      this.outbox.append(CREDENTIAL_CHANGE, [{ userId }], passwordChanged(by, now()), manager),
    );
  }
}
