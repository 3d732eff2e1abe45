import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../common/principal.js';
import { clientAddressOf } from '../http/request/client-address.js';
import { ChangeContext } from './change-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    changeContext?: ChangeContext;
  }
}

/** Returns the context of a request. The first call makes it, and must come after the guard, which knows the caller. */
export function changeContextOf(request: FastifyRequest): ChangeContext {
  return (request.changeContext ??= ChangeContext.ofRequest(
    principalOf(request),
    clientAddressOf(request),
    request.id,
  ));
}

/** Injects the context of the request into a parameter of a route: `@Cause() cause: ChangeContext`. */
export const Cause = createParamDecorator((_: unknown, context: ExecutionContext): ChangeContext =>
  changeContextOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Returns the principal of a request; null on a public route. After a login `request.user` is a user, not a principal. */
function principalOf(request: FastifyRequest): Principal | null {
  const { user } = request as { user?: Principal | { subject?: undefined } | null };
  return user?.subject === undefined ? null : user;
}
