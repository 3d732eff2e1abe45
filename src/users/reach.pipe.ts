import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isPerson, type Principal } from '../common/principal.js';
import { Config } from '../platform/config/config.js';
import type { UserReach } from './user-reach.js';
import { UsersService } from './users.service.js';

const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  return context.switchToHttp().getRequest<FastifyRequest & { user: Principal }>().user;
});

/** Injects the caller's reach: administrators reach everybody, other people and services those without such a role. */
export const Reach = (): ParameterDecorator => CallerOf(ReachPipe);

/** Decides the reach of a caller, whose roles are in the token or, where tokens carry none, in the record. */
@Injectable()
export class ReachPipe implements PipeTransform<Principal, Promise<UserReach>> {
  constructor(
    private readonly users: UsersService,
    private readonly config: Config,
  ) {}

  async transform(caller: Principal): Promise<UserReach> {
    if (!isPerson(caller)) return 'powerless';
    const { roles } = this.config.tokenRoles ? caller : await this.users.get(caller.subject);
    return roles.includes('admin') ? 'all' : 'powerless';
  }
}
