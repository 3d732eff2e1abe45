import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import {
  FOR_ITSELF,
  PUBLIC,
  RECENT_SIGN_IN,
  REQUIRED_ROLES,
  REQUIRED_SCOPES,
  type PublicAccess,
} from '../../common/access.decorators.js';
import { AppError } from '../../common/errors.js';
import { isPerson, isService, type Principal, type Role } from '../../common/principal.js';
import { reasonOf } from '../../common/refusal-reason.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { UsersService } from '../../users/users.service.js';
import { DpopProofs } from '../../tokens/dpop/dpop-proofs.js';
import type { ProofOfPossession } from '../../tokens/dpop/proof-of-possession.js';
import { Config } from '../../platform/config/config.js';
import { accessTokenOf, missingToken } from '../../tokens/bearer.js';
import { clientAddressOf } from '../../platform/http/client-address.js';
import { SessionCookies } from '../cookies/session-cookies.js';
import { JwtStrategy, type TokenRequest } from './jwt.strategy.js';
import { askingStrategy } from './own-strategy.js';
import { RecentSignInCheck } from './recent-sign-in.js';

/** What a route asks for. */
interface Access {
  isPublic: boolean;
  roles: Role[] | undefined;
  /** Undefined where services are not admitted. */
  scopes: string[] | undefined;
  /** Services are admitted for themselves alone. */
  forItself: boolean;
  recentSignIn: boolean;
}

type AuthenticatedRequest = FastifyRequest & TokenRequest & { user?: Principal };

/** Guards every route: open only where `@Public()` says so. */
@Injectable()
export class AccessGuard extends AuthGuard() {
  private readonly accessByRoute = new Map<unknown, Map<unknown, Access>>();
  private readonly possession: ProofOfPossession<FastifyRequest>;

  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly users: UsersService,
    private readonly config: Config,
    private readonly cookies: SessionCookies,
    private readonly recentSignIn: RecentSignInCheck,
    proofs: DpopProofs,
    strategy: JwtStrategy,
  ) {
    super(askingStrategy(strategy));
    this.possession = proofs.ownRequests();
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.accessOf(context);
    if (access.isPublic) return true;
    const admitted = this.admitCaller(context, access);
    return access.recentSignIn ? this.admitRecent(context, admitted) : admitted;
  }

  private async admitRecent(context: ExecutionContext, admitted: boolean | Promise<boolean>): Promise<boolean> {
    return (await admitted) && this.recentSignIn.require(context);
  }

  private admitCaller(context: ExecutionContext, access: Access): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = accessTokenOf(request);
    if (!token) return this.admitByCookie(request, access);
    const known = this.tokens.cached(token);
    if (!known) return this.verifyThenAdmit(context, request, access, token);
    this.possession.check(known, token, request);
    request.user = known;
    return this.admit(known, access);
  }

  /** The route's decorators, read once. */
  private accessOf(context: ExecutionContext): Access {
    const targets = [context.getHandler(), context.getClass()] as const;
    let routes = this.accessByRoute.get(targets[1]);
    if (!routes) this.accessByRoute.set(targets[1], (routes = new Map<unknown, Access>()));
    let access = routes.get(targets[0]);
    if (!access) {
      access = {
        isPublic: this.opens(this.reflector.getAllAndOverride<PublicAccess | undefined>(PUBLIC, [...targets])),
        roles: this.reflector.getAllAndOverride<Role[] | undefined>(REQUIRED_ROLES, [...targets]),
        scopes: this.reflector.getAllAndOverride<string[] | undefined>(REQUIRED_SCOPES, [...targets]),
        forItself: this.reflector.getAllAndOverride<true | undefined>(FOR_ITSELF, [...targets]) === true,
        recentSignIn: this.reflector.getAllAndOverride<true | undefined>(RECENT_SIGN_IN, [...targets]) === true,
      };
      routes.set(targets[0], access);
    }
    return access;
  }

  private opens(access: PublicAccess | undefined): boolean {
    if (access === undefined || access === true) return access === true;
    return this.config[access.setting as keyof Config] === access.value;
  }

  private async verifyThenAdmit(
    context: ExecutionContext,
    request: AuthenticatedRequest,
    access: Access,
    token: string,
  ): Promise<boolean> {
    request.accessToken = token;
    await super.canActivate(context);
    this.possession.check(request.user!, token, request);
    return this.admit(request.user!, access);
  }

  private async admitByCookie(request: AuthenticatedRequest, access: Access): Promise<boolean> {
    const exchanged = await this.cookies.exchangeCookie(request, () => clientAddressOf(request));
    if (!exchanged) throw missingToken(request.headers);
    request.user = exchanged.principal;
    return this.admit(exchanged.principal, access);
  }

  private admit(principal: Principal, { roles: required, scopes, forItself }: Access): boolean | Promise<boolean> {
    this.tokens.requireForUs(principal);
    this.revocations.check(principal);
    if (!isPerson(principal)) {
      if (forItself && !isService(principal)) throw new AppError('forbidden', { reason: ACTS_FOR_A_USER });
      return admitsScopes(principal.scopes, scopes);
    }
    if (!required) return true;
    // Tokens may be set to carry no roles; then only the record knows.
    if (!this.config.tokenRoles) return this.users.get(principal.subject).then(({ roles }) => hasOne(roles, required));
    return hasOne(principal.roles, required);
  }
}

const ACTS_FOR_A_USER = 'sub: expected a person or a service for itself, found a token that acts for a user';

function hasOne(roles: readonly Role[], required: Role[]): true {
  if (required.some((role) => roles.includes(role))) return true;
  throw new AppError('forbidden', { reason: reasonOf('role', `one of ${required.join(', ')}`, roles) });
}

function admitsScopes(scopes: readonly string[], required: string[] | undefined): true {
  if (required && (required.length === 0 || required.some((scope) => scopes.includes(scope)))) return true;
  const [least] = required ?? [];
  throw new AppError('forbidden', {
    reason: reasonOf('scope', required ?? 'a person', scopes),
    ...(least !== undefined && { scopes: [least] }),
  });
}
