import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Person, PowerfulRole } from './principal.js';

export const PUBLIC = Symbol('public');
export const REQUIRED_ROLES = Symbol('roles');
export const REQUIRED_SCOPES = Symbol('scopes');
export const FOR_ITSELF = Symbol('for itself');

export const RECENT_SIGN_IN = Symbol('recent sign-in');

/** How long a sign-in counts as recent. */
export const RECENT_SIGN_IN_SECONDS = 600;

/** The value of `PUBLIC` on a route: open, or open while a setting has a value. */
export type PublicAccess = true | { setting: string; value: string };

/** Opens a route (or all routes of a controller) to callers without an access token. Every other route is closed. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true));

/** Opens a route while the configuration's `setting` has this value. Otherwise the route is closed, like any other. */
export const PublicWhile = (setting: string, value: string) =>
  applyDecorators(
    SetMetadata(PUBLIC, { setting, value } satisfies PublicAccess),
    ApiExtension('x-public', 'by setting'),
  );

/** Requires one of these roles. */
export const Roles = (...roles: PowerfulRole[]) =>
  applyDecorators(SetMetadata(REQUIRED_ROLES, roles), ApiExtension('x-roles', roles));

/**
 * Admits services too whose token has one of these scopes, or any service where no scope is given. A service may act
 * for itself or for a user. The first scope is the smallest that suffices. A route without this decorator is for people
 * who have signed in. `@Roles()` applies to people alone.
 */
export const Scopes = (...scopes: string[]) =>
  applyDecorators(SetMetadata(REQUIRED_SCOPES, scopes), ApiExtension('x-scopes', scopes));

/**
 * Like {@link Scopes}, but admits only a service that acts for itself: no token of a user, neither a delegated nor a
 * personal one.
 */
export const OwnScopes = (...scopes: string[]) => applyDecorators(Scopes(...scopes), SetMetadata(FOR_ITSELF, true));

/**
 * Requires a recent sign-in, or the password as `current_password` in the body. It protects changes that a thief of an
 * access token could make permanent otherwise.
 */
export const RecentSignIn = () =>
  applyDecorators(SetMetadata(RECENT_SIGN_IN, true), ApiExtension('x-recent-sign-in', true));

/** The problems that every route with {@link RecentSignIn} may answer with. */
export const RECENT_SIGN_IN_PROBLEMS = [
  'insufficient_user_authentication',
  'wrong_password',
  'password_change_required',
  'rate_limited',
  'overloaded',
] as const;

/** Injects the principal of a route that is neither public nor open to services. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const { user } = context.switchToHttp().getRequest<{ user?: Person }>();
  if (!user) throw new Error('CurrentPrincipal is used on a route without an authenticated principal');
  return user;
});
