import type { AuditRecord } from '../common/audit-events.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/**
 * Access tokens of the user must be refused. Emitted inside the transaction of its cause, which has locked the user's
 * row.
 */
export abstract class UserTokensRefused extends DomainEvent {
  private latest: number | null = null;

  constructor(
    readonly userId: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  /**
   * Reports the latest `iat` of the tokens that have to be refused, in seconds; null for none. Handlers that issue
   * tokens of users call it.
   */
  noteIssued(latest: number | null): void {
    if (latest !== null) this.latest = Math.max(latest, this.latest ?? latest);
  }

  /** The latest `iat` of all tokens that have to be refused, in seconds; null where there are none. */
  get lastIssuedAt(): number | null {
    return this.latest;
  }
}

/** Everything that the user's sign-ins have opened must end. */
@MustBeHandled()
export class UserAccessEnded extends UserTokensRefused {
  constructor(
    userId: string,
    readonly reason: 'user_disabled' | 'user_deleted',
    cause: ChangeContext,
    at: Date,
  ) {
    super(userId, cause, at);
  }

  override get audit(): AuditRecord[] {
    const event = this.reason === 'user_disabled' ? 'user.disabled' : 'user.deleted';
    return [{ event, subject: this.userId }];
  }
}

/** Access tokens that state the user's former roles must be refused. */
@MustBeHandled()
export class UserRolesReduced extends UserTokensRefused {
  constructor(
    userId: string,
    readonly roles: readonly string[],
    cause: ChangeContext,
    at: Date,
  ) {
    super(userId, cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'user.roles_reduced', subject: this.userId, details: { roles: this.roles } }];
  }
}

/**
 * The owner has taken the account back by mail: what was done since may have been done by somebody else. Emitted inside the
 * transaction of its cause, which holds the user's row.
 */
@MustBeHandled()
export class UserTakenBack extends DomainEvent {
  /** Its parts have records of their own. */
  override readonly audit: AuditRecord[] = [];

  constructor(
    readonly userId: string,
    readonly since: Date,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}

/** The user signs in with another address than before. Emitted inside the transaction of its cause. */
@MustBeHandled()
export class UserEmailChanged extends DomainEvent {
  constructor(
    readonly userId: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'user.email_changed', subject: this.userId }];
  }
}

/** The user has another password than before. Emitted inside the transaction of its cause. */
@MustBeHandled()
export class UserPasswordChanged extends DomainEvent {
  constructor(
    readonly userId: string,
    readonly by: 'user' | 'admin',
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'user.password_changed', subject: this.userId, reason: this.by }];
  }
}
