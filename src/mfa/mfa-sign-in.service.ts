import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CookieSessionView } from '../auth/cookies/session-cookie.view.js';
import { SessionCookies } from '../auth/cookies/session-cookies.js';
import { SignInCompletion } from '../auth/sign-in-completion.js';
import type { SecondFactorTicket } from '../auth/sign-in/second-factor-tickets.js';
import { SecondSteps, type SecondStep } from '../auth/sign-in/second-steps.js';
import { canonicalEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import type { TokenResponse } from '../sessions/token.view.js';
import { DpopProofs } from '../tokens/dpop/dpop-proofs.js';
import { UsersService } from '../users/users.service.js';

/** Ends sign-ins whose second factor is due, in the way that the first step asked for. */
@Injectable()
export class MfaSignIn {
  constructor(
    private readonly steps: SecondSteps,
    private readonly completion: SignInCompletion,
    private readonly proofs: DpopProofs,
    private readonly cookies: SessionCookies,
    private readonly users: UsersService,
  ) {}

  /**
   * Checks the code and opens the session. Throws what {@link SecondSteps.take} does, `csrf_refused`,
   * `mfa_token_invalid` for another DPoP key than that of the first step, and `invalid_credentials` where the user was
   * disabled or the credentials have changed since.
   */
  async signIn(
    step: SecondStep,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenResponse | CookieSessionView> {
    const admit = async ({ binding }: SecondFactorTicket) => {
      if (binding.transport === 'cookie') this.cookies.refuseCrossSite(request);
      if ((await this.proofs.forTokenRequest(request, reply)) === binding.keyThumbprint) return;
      throw new AppError('mfa_token_invalid', { reason: 'dpop: another key than that of the first step, or none' });
    };
    const { user, binding } = await this.steps.take(step, request, reply, admit);
    const account = canonicalEmail((await this.users.find(user.id))?.email ?? '');
    return this.completion.complete(user, binding, account, request, reply);
  }
}
