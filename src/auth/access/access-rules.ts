import { AppError } from '../../common/errors.js';
import { isPerson, isService, type Principal, type Role } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';

/** The demands of a route on its caller. */
export interface AccessRequirements {
  readonly isPublic: boolean;
  /** The roles, one of which a person needs; undefined where none is required. */
  readonly roles: readonly Role[] | undefined;
  /** The scopes, one of which a service needs; an empty list admits any service, undefined none. */
  readonly scopes: readonly string[] | undefined;
  /** Whether services are admitted only for themselves. */
  readonly forItself: boolean;
  readonly recentSignIn: boolean;
}

/** Tells whether the caller's roles decide: those of a person do, where the route requires any. */
export const dependsOnRoles = (principal: Principal, { roles }: AccessRequirements): boolean =>
  roles !== undefined && isPerson(principal);

/** Admits a caller with these roles to a route. Throws `forbidden`. */
export function requireAccess(
  principal: Principal,
  roles: readonly Role[],
  { roles: required, scopes, forItself }: AccessRequirements,
): true {
  if (isPerson(principal)) return required === undefined || requireRole(roles, required);
  if (forItself && !isService(principal)) throw new AppError('forbidden', { reason: ACTS_FOR_A_USER });
  return requireScope(principal.scopes, scopes);
}

const ACTS_FOR_A_USER = 'sub: expected a person or a service for itself, found a token that acts for a user';

function requireRole(roles: readonly Role[], required: readonly Role[]): true {
  if (required.some((role) => roles.includes(role))) return true;
  throw new AppError('forbidden', { reason: reasonOf('role', `one of ${required.join(', ')}`, roles) });
}

function requireScope(scopes: readonly string[], required: readonly string[] | undefined): true {
  if (required && (required.length === 0 || required.some((scope) => scopes.includes(scope)))) return true;
  const [least] = required ?? [];
  throw new AppError('forbidden', {
    reason: reasonOf('scope', required ?? 'a person', scopes),
    ...(least !== undefined && { scopes: [least] }),
  });
}
