import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** Inside the transaction of its cause: whatever the user's sign-ins opened must close. */
@MustBeHandled()
export class UserAccessEnded extends DomainEvent {
  constructor(
    readonly userId: string,
    readonly reason: 'user_disabled' | 'user_deleted',
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }
}

/** Inside the transaction of its cause: access tokens that state the user's former roles must be refused. */
@MustBeHandled()
export class UserRolesReduced extends DomainEvent {
  constructor(
    readonly userId: string,
    readonly roles: readonly string[],
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
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
