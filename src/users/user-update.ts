import { isDeepStrictEqual } from 'node:util';
import type { ChangeContext } from '../platform/context/change-context.js';
import type { User } from './user.entity.js';
import { UserUpdated } from './user.events.js';

/** The columns that an update may change, as an event names them. */
const NAMES = {
  email: 'email',
  displayName: 'display_name',
  status: 'status',
  roles: 'roles',
  emailVerifiedAt: 'email_verified',
} as const satisfies Partial<Record<keyof User, string>>;

/** What an update has changed: perhaps nothing. */
export function updateOf(before: User, after: User, cause: ChangeContext): UserUpdated {
  const columns = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter(
    (column) => !isDeepStrictEqual(before[column], after[column]),
  );
  const values = {
    ...(columns.includes('roles') && { roles: { before: before.roles, after: after.roles } }),
    ...(columns.includes('status') && { status: { before: before.status, after: after.status } }),
  };
  const changed = columns.map((column) => NAMES[column]);
  return new UserUpdated(after.id, changed, values, cause, after.updatedAt);
}
