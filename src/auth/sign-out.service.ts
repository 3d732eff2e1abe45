import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/errors.js';
import { isPerson } from '../common/principal.js';
import { parseShortUuid } from '../common/uuid.js';
import { hashSecret } from '../sessions/refresh-token.js';
import type { SessionClaim } from '../sessions/session-cookie.js';
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

  /** A genuine token whose session has ended already is fine. Throws `token_invalid`, and what speaks against its proof. */
  async byAccessToken(token: string, request: FastifyRequest): Promise<void> {
    const principal = await this.accessTokens.verify(token);
    this.possession.check(principal, token, request);
    this.accessTokens.requireForUs(principal);
    if (!isPerson(principal)) throw new AppError('token_invalid', { reason: 'sid: the token is of no session' });
    const { session, subject } = principal;
    const id = parseShortUuid(session);
    if (id) await this.sessions.end({ id, userId: subject }, 'logout');
  }

  /** Any generation of the session's refresh token will do. What is no token of ours ends nothing (RFC 7009 2.2). */
  async byRefreshToken(token: string): Promise<void> {
    const claim = this.sessionTokens.read(token);
    if (claim) await this.bySecret(claim);
  }

  async bySecret({ sessionId: id, secret }: SessionClaim): Promise<void> {
    await this.sessions.end({ id, secretHash: hashSecret(secret) }, 'logout');
  }
}
