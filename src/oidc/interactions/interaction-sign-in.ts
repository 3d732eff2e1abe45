import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoginRequest } from '../../auth/password/login-request.js';
import { SignInCompletion } from '../../auth/sign-in-completion.js';
import type { ProvedUser } from '../../auth/sign-in/decide-sign-in.js';
import { SecondFactorTickets, type SecondFactorTicket } from '../../auth/sign-in/second-factor-tickets.js';
import { SecondSteps, type SecondStep } from '../../auth/sign-in/second-steps.js';
import { AppError } from '../../common/errors.js';
import { Authorizations, type AuthorizationOutcome } from '../authorization/authorizations.service.js';
import type { Interaction } from './interactions.service.js';

/** A sign-in that an authorization request has led to. */
export interface InteractionRequest extends LoginRequest {
  interaction: Interaction;
}

/** Signs a person in whose credentials have been checked, and goes on with the interaction. */
@Injectable()
export class InteractionSignIn {
  constructor(
    private readonly completion: SignInCompletion,
    private readonly tickets: SecondFactorTickets,
    private readonly steps: SecondSteps,
    private readonly authorizations: Authorizations,
  ) {}

  /** Opens a session of the browser. Throws `mfa_required` with a ticket where a second factor is due. */
  async signIn(request: InteractionRequest, reply: FastifyReply): Promise<AuthorizationOutcome> {
    const { user, interaction, knownDevice } = request;
    await this.tickets.requireFactor(user, { transport: 'cookie', keyThumbprint: null }, reply);
    return this.open(user, interaction, knownDevice !== null, request, reply);
  }

  /** Does so with the second factor. Throws as {@link SecondSteps.take} does. */
  async takeSecondStep(
    step: SecondStep,
    interaction: Interaction,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<AuthorizationOutcome> {
    const { user } = await this.steps.take(step, request, reply, requireBrowser);
    return this.open(user, interaction, false, request, reply);
  }

  private async open(
    user: ProvedUser,
    interaction: Interaction,
    isKnownDevice: boolean,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<AuthorizationOutcome> {
    const { claim, facts } = await this.completion.openInBrowser(user, isKnownDevice, request, reply);
    const { userId, email, authentication } = facts;
    return this.authorizations.proceed(interaction, {
      id: claim.sessionId,
      userId,
      email,
      signedInAt: authentication.at,
    });
  }
}

/** Refuses tickets whose session is wanted as tokens: an interaction ends in a cookie. */
function requireBrowser({ binding }: SecondFactorTicket): void {
  if (binding.transport === 'cookie') return;
  throw new AppError('mfa_token_invalid', { reason: 'ticket: the first step was not in a browser' });
}
