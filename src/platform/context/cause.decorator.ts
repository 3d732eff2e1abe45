import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../common/principal.js';
import { clientAddressOf } from '../http/client-address.js';
import { ChangeContext } from './change-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    changeContext?: ChangeContext;
  }
}

/** The context of a request, made when it is first asked for: after the guard, which knows the caller. */
export function changeContextOf(request: FastifyRequest): ChangeContext {
  return (request.changeContext ??= ChangeContext.ofRequest(
    principalOf(request),
    clientAddressOf(request),
    request.id,
  ));
}

/** The context of the request, for a parameter of a route: `@Cause() cause: ChangeContext`. */
export const Cause = createParamDecorator((_: unknown, context: ExecutionContext): ChangeContext =>
  changeContextOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Null on a public route. What a login leaves there is a user, and no principal. */
function principalOf(request: FastifyRequest): Principal | null {
  const { user } = request as { user?: Principal | { subject?: undefined } | null };
  return user?.subject === undefined ? null : user;
}
