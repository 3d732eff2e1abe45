import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Config } from '../../platform/config/config.js';
import { UsersService } from '../../users/users.service.js';
import { dependsOnRoles, requireAccess, type AccessRequirements } from './access-rules.js';
import { CallerAuthentication } from './caller-authentication.js';
import { RecentSignInCheck } from './recent-sign-in.js';
import { RouteRequirements } from './route-requirements.js';

/** Guards every route: open only where `@Public()` says so. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly requirements: RouteRequirements,
    private readonly callers: CallerAuthentication,
    private readonly recentSignIn: RecentSignInCheck,
    private readonly users: UsersService,
    private readonly config: Config,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const requirements = this.requirements.of(context);
    if (requirements.isPublic) return true;
    const caller = this.callers.authenticate(context);
    // A request with a token that was verified before need not wait.
    if (caller instanceof Promise || requirements.recentSignIn) return this.admitLater(context, caller, requirements);
    return this.admit(caller, requirements);
  }

  private async admitLater(
    context: ExecutionContext,
    caller: Principal | Promise<Principal>,
    requirements: AccessRequirements,
  ): Promise<boolean> {
    await this.admit(await caller, requirements);
    return !requirements.recentSignIn || this.recentSignIn.require(context);
  }

  private admit(principal: Principal, requirements: AccessRequirements): true | Promise<true> {
    // Tokens may be configured to have no roles; then only the user's record has them.
    if (!this.config.tokenRoles && dependsOnRoles(principal, requirements)) {
      return this.users.get(principal.subject).then(({ roles }) => requireAccess(principal, roles, requirements));
    }
    return requireAccess(principal, principal.roles, requirements);
  }
}
