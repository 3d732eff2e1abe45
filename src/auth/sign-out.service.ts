import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { isPerson, type Person } from '../common/principal.js';
import { parseShortUuid } from '../common/uuid.js';
import { hashSecret, type SessionClaim } from '../sessions/refresh/refresh-token.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import { SessionTermination } from '../sessions/session-termination.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import type { ProofOfPossession } from '../tokens/dpop/proof-of-possession.js';

/** Ends a session by one of its tokens, or by its cookie. Ending it twice is not an error. */
@Injectable()
export class SignOutService {
  private readonly possession: ProofOfPossession<FastifyRequest>;

  constructor(
    private readonly termination: SessionTermination,
    private readonly sessionTokens: SessionTokens,
    private readonly accessTokens: AccessTokens,
    proofs: DpopProofs,
  ) {
    this.possession = proofs.ownRequests();
  }

  /**
   * Ends the sessions of both tokens, or neither: all refusals come before the first session ends. Throws
   * `token_invalid` for the access token, and the errors of its proof.
   */
  async byTokens(
    tokens: { refresh: string | undefined; access: string | null },
    request: FastifyRequest,
  ): Promise<void> {
    const claim = tokens.refresh === undefined ? null : this.sessionTokens.decode(tokens.refresh);
    const principal = tokens.access === null ? null : await this.personOf(tokens.access, request);
    const cause = principal ? changeContextOf(request).byPrincipal(principal) : changeContextOf(request);
    // Any generation of the refresh token is accepted. A text that is no token of ours ends no session (RFC 7009 2.2).
    if (claim) await this.bySecret(claim, cause);
    const id = principal && parseShortUuid(principal.session);
    if (id) await this.termination.end({ id, userId: principal.subject }, 'logout', cause);
  }

  async bySecret({ sessionId: id, secret }: SessionClaim, cause: ChangeContext): Promise<void> {
    await this.termination.end({ id, secretHash: hashSecret(secret) }, 'logout', cause);
  }

  /** Returns the person of a genuine token, also where its session has ended already. */
  private async personOf(token: string, request: FastifyRequest): Promise<Person> {
    const principal = await this.accessTokens.verify(token);
    this.possession.check(principal, token, request);
    this.accessTokens.requireForUs(principal);
    if (!isPerson(principal)) throw new AppError('token_invalid', { reason: 'sid: the token is of no session' });
    return principal;
  }
}
