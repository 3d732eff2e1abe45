import { Injectable, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../common/principal.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import { accessTokenOf, missingToken } from '../../tokens/bearer.js';
import { DpopProofs } from '../../tokens/dpop/dpop-proofs.js';
import type { ProofOfPossession } from '../../tokens/dpop/proof-of-possession.js';
import { SessionCookies } from '../cookies/session-cookies.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import type { TokenRequest } from './jwt.strategy.js';
import { TokenAcceptance } from './token-acceptance.js';

type AuthenticatedRequest = FastifyRequest & TokenRequest & { user?: Principal };

/** Authenticates the caller of a request by its access token, or by the cookie of a browser's session. */
@Injectable()
export class CallerAuthentication {
  private readonly possession: ProofOfPossession<FastifyRequest>;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly acceptance: TokenAcceptance,
    private readonly cookies: SessionCookies,
    private readonly jwtGuard: JwtAuthGuard,
    proofs: DpopProofs,
  ) {
    this.possession = proofs.ownRequests();
  }

  /**
   * Returns the caller, without a promise where the token was verified before, and stores it in the request. Throws
   * `token_missing`, `token_invalid`, `token_revoked`, `csrf_refused`, `unavailable`, and the faults of a proof of
   * possession.
   */
  authenticate(context: ExecutionContext): Principal | Promise<Principal> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = accessTokenOf(request);
    if (!token) return this.byCookie(request);
    const known = this.tokens.cached(token);
    if (!known) return this.byNewToken(context, request, token);
    this.possession.check(known, token, request);
    return this.accept(known, request);
  }

  private async byNewToken(
    context: ExecutionContext,
    request: AuthenticatedRequest,
    token: string,
  ): Promise<Principal> {
    request.accessToken = token;
    await this.jwtGuard.canActivate(context);
    const principal = request.user!;
    this.possession.check(principal, token, request);
    return this.accept(principal, request);
  }

  private async byCookie(request: AuthenticatedRequest): Promise<Principal> {
    const exchanged = await this.cookies.exchangeCookie(request, () => clientAddressOf(request));
    if (!exchanged) throw missingToken(request.headers);
    return this.accept(exchanged.principal, request);
  }

  private accept(principal: Principal, request: AuthenticatedRequest): Principal | Promise<Principal> {
    request.user = principal;
    return this.acceptance.accept(principal);
  }
}
