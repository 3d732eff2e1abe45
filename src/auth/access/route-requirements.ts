import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  FOR_ITSELF,
  PUBLIC,
  RECENT_SIGN_IN,
  REQUIRED_ROLES,
  REQUIRED_SCOPES,
  type PublicAccess,
} from '../../common/access.decorators.js';
import type { Role } from '../../common/principal.js';
import { Config } from '../../platform/config/config.js';
import type { AccessRequirements } from './access-rules.js';

type Targets = Parameters<Reflector['getAllAndOverride']>[1];

/** Reads the requirements of routes from their decorators, once for each route. */
@Injectable()
export class RouteRequirements {
  private readonly byController = new Map<unknown, Map<unknown, AccessRequirements>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly config: Config,
  ) {}

  of(context: ExecutionContext): AccessRequirements {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    let routes = this.byController.get(controller);
    if (!routes) this.byController.set(controller, (routes = new Map<unknown, AccessRequirements>()));
    let requirements = routes.get(handler);
    if (!requirements) routes.set(handler, (requirements = this.read([handler, controller])));
    return requirements;
  }

  private read(targets: Targets): AccessRequirements {
    return {
      isPublic: this.isOpen(this.reflector.getAllAndOverride<PublicAccess | undefined>(PUBLIC, targets)),
      roles: this.reflector.getAllAndOverride<Role[] | undefined>(REQUIRED_ROLES, targets),
      scopes: this.reflector.getAllAndOverride<string[] | undefined>(REQUIRED_SCOPES, targets),
      forItself: this.reflector.getAllAndOverride<true | undefined>(FOR_ITSELF, targets) === true,
      recentSignIn: this.reflector.getAllAndOverride<true | undefined>(RECENT_SIGN_IN, targets) === true,
    };
  }

  private isOpen(access: PublicAccess | undefined): boolean {
    if (access === undefined || access === true) return access === true;
    return this.config[access.setting as keyof Config] === access.value;
  }
}
