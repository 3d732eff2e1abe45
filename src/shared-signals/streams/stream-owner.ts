import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { isPerson, isService, type Principal } from '../../common/principal.js';
import type { StreamOwner } from './streams.service.js';

/**
 * Returns the owner whose streams the caller manages. Throws `forbidden` where a service acts for a user, who has no
 * streams.
 */
function ownerOf(principal: Principal): StreamOwner {
  if (isPerson(principal)) return null;
  if (isService(principal)) return principal.client;
  throw new AppError('forbidden', { reason: 'sub: expected a service for itself, found one that acts for a user' });
}

/** Injects the {@link ownerOf} of a guarded route's caller. */
export const Owner = createParamDecorator((_: unknown, context: ExecutionContext): StreamOwner => {
  return ownerOf(context.switchToHttp().getRequest<FastifyRequest & { user: Principal }>().user);
});
