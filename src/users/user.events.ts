/** Inside the transaction of its cause: whatever the user's sign-ins opened must close. */
export class UserAccessEnded {
  constructor(
    readonly userId: string,
    readonly reason: 'user_disabled' | 'user_deleted',
  ) {}
}

/** Inside the transaction of its cause: access tokens that state the user's former roles must be refused. */
export class UserRolesReduced {
  constructor(
    readonly userId: string,
    readonly roles: readonly string[],
  ) {}
}

/** Inside the transaction of its cause: the user signs in with another address than before. */
export class UserEmailChanged {
  constructor(readonly userId: string) {}
}

/** Inside the transaction of its cause: the user has another password than before. */
export class UserPasswordChanged {
  constructor(
    readonly userId: string,
    readonly by: 'user' | 'admin',
  ) {}
}
