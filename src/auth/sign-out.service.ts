import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { isPerson } from '../common/principal.js';
import { parseShortUuid } from '../common/uuid.js';
import { hashSecret, type SessionClaim } from '../sessions/refresh-token.js';
import type { SessionSelection } from '../sessions/session-selection.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import type { Possession } from '../tokens/dpop/possession.js';

/** Ends a session by one of its tokens, or by its cookie. Ending it twice is not an error. */
@Injectable()
export class SignOutService {
  private readonly possession: Possession<FastifyRequest>;

  constructor(
    private readonly sessions: SessionsService,
    private readonly sessionTokens: SessionTokens,
    private readonly accessTokens: AccessTokens,
    proofs: DpopProofs,
  ) {
    this.possession = proofs.ownRequests();
  }

  /**
   * Ends the sessions of both tokens, or neither: whatever can be refused is refused before one of them ends. Throws
   * `token_invalid` for the access token, and what speaks against its proof.
   */
  async byTokens(
    tokens: { refresh: string | undefined; access: string | null },
    request: FastifyRequest,
  ): Promise<void> {
    const claim = tokens.refresh === undefined ? null : this.sessionTokens.read(tokens.refresh);
    const session = tokens.access === null ? null : await this.sessionOf(tokens.access, request);
    // Any generation of the refresh token will do. What is no token of ours ends nothing (RFC 7009 2.2).
    if (claim) await this.bySecret(claim);
    if (session) await this.sessions.end(session, 'logout');
  }

  async bySecret({ sessionId: id, secret }: SessionClaim): Promise<void> {
    await this.sessions.end({ id, secretHash: hashSecret(secret) }, 'logout');
  }

  /** The session of a genuine token; that it has ended already is fine. */
  private async sessionOf(token: string, request: FastifyRequest): Promise<SessionSelection | null> {
    const principal = await this.accessTokens.verify(token);
    this.possession.check(principal, token, request);
    this.accessTokens.requireForUs(principal);
    if (!isPerson(principal)) throw new AppError('token_invalid', { reason: 'sid: the token is of no session' });
    const { session, subject } = principal;
    const id = parseShortUuid(session);
    return id ? { id, userId: subject } : null;
  }
}
