import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { hasPower, isPerson, type Principal, type Role } from '../common/principal.js';

/** The users that a caller may administer: all, or those without a role that this service grants rights to. */
export type UserReach = 'all' | 'powerless';

/** Injects the caller's reach: administrators were admitted by their role, services by a scope alone. */
export const Reach = createParamDecorator((_: unknown, context: ExecutionContext): UserReach => {
  const { user } = context.switchToHttp().getRequest<FastifyRequest & { user: Principal }>();
  return isPerson(user) ? 'all' : 'powerless';
});

/** Checks that users with these roles are within reach. Throws `forbidden`. */
export function requireReach(reach: UserReach, roles: readonly Role[]): void {
  if (reach === 'all' || !hasPower(roles)) return;
  throw new AppError('forbidden', {
    detail: 'a service administers no users with the role admin, auditor or verifier, and grants none of them',
    reason: 'roles: a service asks, and this service itself gives power to one of them',
  });
}
