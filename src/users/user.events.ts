import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** Inside the transaction of its cause, which holds the user's row: access tokens of the user must be refused. */
export abstract class UserTokensRefused extends DomainEvent {
  private latest: number | null = null;

  constructor(
    readonly userId: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  /** Called by those who issue tokens of users: the latest `iat` that one to refuse states, in seconds; null for none. */
  noteIssued(latest: number | null): void {
    if (latest !== null) this.latest = Math.max(latest, this.latest ?? latest);
  }

  /** The latest `iat` of all tokens to refuse; null where there are none. */
  get lastIssuedAt(): number | null {
    return this.latest;
  }
}

/** Whatever the user's sign-ins opened must close. */
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
}

/** Inside the transaction of its cause: the user signs in with another address than before. */
@MustBeHandled()
export class UserEmailChanged extends DomainEvent {
  constructor(
    readonly userId: string,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}

/** Inside the transaction of its cause: the user has another password than before. */
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
}
