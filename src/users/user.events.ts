export type AccessEndReason = 'disabled' | 'deleted' | 'roles_reduced';

/** Inside the transaction of its cause: whatever the user's sign-ins opened must close. */
export class UserAccessEnded {
  constructor(
    readonly userId: string,
    readonly reason: AccessEndReason,
  ) {}
}
