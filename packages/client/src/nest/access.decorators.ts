import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Access } from '../guard/admission.js';
import type { Principal } from '../principal.js';

// Shared by the two builds of the package: one process may load both.
const PUBLIC = Symbol.for('countersign:public');
const ROLES = Symbol.for('countersign:roles');
const SCOPES = Symbol.for('countersign:scopes');

/** Opens a route, or those of a controller that have no requirements of their own. Every other route is closed. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Requires one of these roles. On a route it replaces the roles of its controller. */
export const Roles = (...roles: string[]) => SetMetadata(ROLES, roles);

/** Requires all of these scopes. On a route it replaces the scopes of its controller. */
export const Scopes = (...scopes: string[]) => SetMetadata(SCOPES, scopes);

/** Injects the {@link Principal} of a route that is not public. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<{ principal?: Principal }>();
  if (!principal) throw new Error('CurrentPrincipal is used on a public route');
  return principal;
});

/**
 * Returns the access that the decorators declare. A route comes before its controller, and requirements before
 * `@Public()`.
 */
export function accessOf(reflector: Reflector, context: Pick<ExecutionContext, 'getHandler' | 'getClass'>): Access {
  const targets = [context.getHandler(), context.getClass()];
  for (const target of targets) {
    if (reflector.get(ROLES, target) ?? reflector.get(SCOPES, target)) break;
    if (reflector.get(PUBLIC, target)) return 'public';
  }
  return {
    roles: reflector.getAllAndOverride<string[] | undefined>(ROLES, targets),
    scopes: reflector.getAllAndOverride<string[] | undefined>(SCOPES, targets),
  };
}
