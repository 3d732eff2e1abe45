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

/** What `PUBLIC` says of a route: open, or open while a setting has a value. */
export type PublicAccess = true | { setting: string; value: string };

/** Opens a route (or all routes of a controller) to callers without an access token. Every other route is closed. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true));

/** Opens a route while the configuration's `setting` has this value; otherwise it is as closed as any other. */
export const PublicWhile = (setting: string, value: string) =>
  applyDecorators(
    SetMetadata(PUBLIC, { setting, value } satisfies PublicAccess),
    ApiExtension('x-public', 'by setting'),
  );

/** Asks for one of these roles. */
export const Roles = (...roles: PowerfulRole[]) =>
  applyDecorators(SetMetadata(REQUIRED_ROLES, roles), ApiExtension('x-roles', roles));

/**
 * Admits services too, be it for themselves or for a user, whose token has one of these scopes; any service where there
 * are none. The first one is the least that suffices. Without it a route is for people who have signed in. What `@Roles()`
 * asks for is asked of people alone.
 */
export const Scopes = (...scopes: string[]) =>
  applyDecorators(SetMetadata(REQUIRED_SCOPES, scopes), ApiExtension('x-scopes', scopes));

/** As {@link Scopes}, of a service that acts for itself alone: by no token of a user, be it delegated or a personal one. */
export const OwnScopes = (...scopes: string[]) => applyDecorators(Scopes(...scopes), SetMetadata(FOR_ITSELF, true));

/**
 * Asks for a recent sign-in, or for the password as `current_password` in the body: for what a stolen access token must not
 * make permanent.
 */
export const RecentSignIn = () =>
  applyDecorators(SetMetadata(RECENT_SIGN_IN, true), ApiExtension('x-recent-sign-in', true));

/** What a route with {@link RecentSignIn} may answer besides its own. */
export const RECENT_SIGN_IN_PROBLEMS = [
  'insufficient_user_authentication',
  'wrong_password',
  'password_change_required',
  'rate_limited',
  'overloaded',
] as const;

/** The principal of a route that is neither public nor open to services. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const { user } = context.switchToHttp().getRequest<{ user?: Person }>();
  if (!user) throw new Error('CurrentPrincipal is used on a route without an authenticated principal');
  return user;
});
