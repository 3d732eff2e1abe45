import { AppError } from '../common/errors.js';
import { hasPower, type Role } from '../common/principal.js';

/** The users that a caller may administer: all, or those without a role that this service grants rights to. */
export type UserReach = 'all' | 'powerless';

/** Checks that users with these roles are within reach. Throws `forbidden`. */
export function requireReach(reach: UserReach, roles: readonly Role[]): void {
  if (reach === 'all' || !hasPower(roles)) return;
  throw new AppError('forbidden', {
    detail: 'only administrators administer users with a role that this service grants rights to, and grant such roles',
    reason: 'roles: the caller is no administrator, and this service itself grants rights to one of them',
  });
}
