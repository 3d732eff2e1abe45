import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../../common/clock.js';
import { AppError, invalidField } from '../../common/errors.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import type { ProvedUser } from './decide-sign-in.js';
import { SecondFactorAttempts } from './second-factor-attempts.js';
import { SecondFactorMethods } from './second-factor-methods.js';
import { SecondFactorTickets, type SecondFactorTicket, type SignInBinding } from './second-factor-tickets.js';

/** A code that a user shows as the second factor, and the ticket of the first step. */
export interface SecondStep {
  readonly mfaToken: string;
  readonly method: string;
  readonly code: string;
}

/** A user who has shown both factors. */
export interface TwiceProved {
  readonly user: ProvedUser;
  readonly binding: SignInBinding;
}

/** Takes the second step of sign-ins, by any method. */
@Injectable()
export class SecondSteps {
  constructor(
    private readonly tickets: SecondFactorTickets,
    private readonly methods: SecondFactorMethods,
    private readonly attempts: SecondFactorAttempts,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks the code, uses the ticket up and returns the user with both proofs. `admit` decides about the rest of the
   * request, before the code is tested. Throws `mfa_token_invalid`, `second_factor_invalid`, `rate_limited`.
   */
  async take(
    { mfaToken, method: name, code }: SecondStep,
    request: FastifyRequest,
    reply: FastifyReply,
    admit: (ticket: SecondFactorTicket) => void | Promise<void>,
  ): Promise<TwiceProved> {
    const method = this.methods.get(name);
    if (!method) throw invalidField('method', 'unknown', 'method must be one of the methods that mfa_required named');
    const ticket = await this.tickets.find(mfaToken, request);
    await admit(ticket);
    const { id: userId, credentialsVersion } = ticket.user;
    const cause = changeContextOf(request).by({ kind: 'user', id: userId });
    const check = async () => {
      if (await method.use(userId, code, cause)) return;
      throw new AppError('second_factor_invalid', { reason: `${name}: the code is wrong or was used before` });
    };
    await this.attempts.make(userId, check, reply, cause);
    await ticket.consume();
    const proof = { ...method.proves, userId, credentialsVersion, at: this.clock.date() };
    return { user: { ...ticket.user, proofs: [...ticket.user.proofs, proof] }, binding: ticket.binding };
  }
}
