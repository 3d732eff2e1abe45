import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CookieSessionView } from '../auth/cookies/session-cookie.view.js';
import { SessionCookies } from '../auth/cookies/session-cookies.js';
import { SignInCompletion } from '../auth/sign-in-completion.js';
import { SecondFactorTickets } from '../auth/sign-in/second-factor-tickets.js';
import type { SignInMethod } from '../auth/sign-in/sign-in-proof.js';
import { Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { changeContextOf } from '../platform/context/cause.decorator.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import { UsersService } from '../users/users.service.js';
import { SecondFactorAttempts } from './second-factor-attempts.js';

/** A code that a user shows as the second factor. */
export interface SecondStep {
  readonly mfaToken: string;
  readonly method: SignInMethod;
  /** Checks the code and uses it up. */
  readonly use: (userId: string, cause: ChangeContext) => Promise<boolean>;
}

/** Takes the second step of sign-ins, by any method. */
@Injectable()
export class SecondSteps {
  constructor(
    private readonly tickets: SecondFactorTickets,
    private readonly attempts: SecondFactorAttempts,
    private readonly completion: SignInCompletion,
    private readonly proofs: DpopProofs,
    private readonly cookies: SessionCookies,
    private readonly users: UsersService,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks the code and opens the session that the first step asked for. Throws `mfa_token_invalid`,
   * `second_factor_invalid`, `rate_limited`, `csrf_refused`, and `invalid_credentials` where the user was disabled or the
   * credentials have changed since the first step.
   */
  async take(
    { mfaToken, method, use }: SecondStep,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    const ticket = await this.tickets.find(mfaToken, request);
    const { id: userId, credentialsVersion } = ticket.user;
    if (ticket.binding.transport === 'cookie') this.cookies.refuseCrossSite(request);
    const keyThumbprint = await this.proofs.forTokenRequest(request, reply);
    if (keyThumbprint !== ticket.binding.keyThumbprint)
      throw new AppError('mfa_token_invalid', { reason: 'dpop: another key than that of the first step, or none' });
    const cause = changeContextOf(request).by({ kind: 'user', id: userId });
    const check = async () => {
      if (await use(userId, cause)) return;
      throw new AppError('second_factor_invalid', { reason: `${method.method}: the code is wrong or was used before` });
    };
    await this.attempts.make(userId, check, reply, cause);
    await ticket.consume();
    const proof = { ...method, userId, credentialsVersion, at: this.clock.date() };
    const user = { ...ticket.user, proofs: [...ticket.user.proofs, proof] };
    const account = canonicalEmail((await this.users.find(userId))?.email ?? '');
    return this.completion.complete(user, ticket.binding, account, request, reply);
  }
}
