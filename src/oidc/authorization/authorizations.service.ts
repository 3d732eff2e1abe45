import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { codeAnswer, errorAnswer, type AuthorizationAnswer } from '../../oauth/authorization/authorization-answer.js';
import { decideAuthorization, type AuthorizationDecision } from '../../oauth/authorization/authorization-decision.js';
import type { AnswerTarget, AuthorizationRequest } from '../../oauth/authorization/authorization-request.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Consents } from '../consents/consents.service.js';
import { Interactions, type Interaction } from '../interactions/interactions.service.js';
import { AuthorizationCodeIssuer } from './authorization-code-issuer.js';
import type { BrowserSession } from './browser-sessions.js';

/** The result for the browser: an answer for the client, or the next question to the person. */
export type AuthorizationOutcome =
  | { readonly kind: 'answer'; readonly answer: AuthorizationAnswer }
  | { readonly kind: 'ask'; readonly step: 'sign_in' | 'consent'; readonly interaction: string };

/** Answers authorization requests. */
@Injectable()
export class Authorizations {
  constructor(
    private readonly config: Config,
    private readonly interactions: Interactions,
    private readonly consents: Consents,
    private readonly codes: AuthorizationCodeIssuer,
    private readonly clock: Clock,
  ) {}

  /** Answers a new request, or begins to ask the person in the browser with this cookie. */
  async begin(
    request: AuthorizationRequest,
    client: RegisteredClient,
    session: BrowserSession | null,
    holder: Buffer,
  ): Promise<AuthorizationOutcome> {
    const decision = await this.decide(request, client, session, null, false);
    if (decision.kind === 'ask') {
      return { kind: 'ask', step: decision.step, interaction: await this.interactions.begin(request, holder) };
    }
    if (decision.kind === 'refuse') return this.refuse(request, new AppError(decision.code));
    return this.answered(request, await this.codes.issue(request, session!));
  }

  /** Returns the next step of an interaction, in the state that the browser has now; null where nothing is left to ask. */
  async nextStep(interaction: Interaction, session: BrowserSession | null): Promise<'sign_in' | 'consent' | null> {
    const { request, client, askedAt } = interaction;
    const decision = await this.decide(request, client, session, askedAt, false);
    return decision.kind === 'ask' ? decision.step : null;
  }

  /** Goes on with an interaction after a person has signed in. */
  async proceed(interaction: Interaction, session: BrowserSession | null): Promise<AuthorizationOutcome> {
    const step = await this.nextStep(interaction, session);
    if (step !== null) return { kind: 'ask', step, interaction: interaction.id };
    const end = (manager: EntityManager) => this.interactions.end(interaction, manager);
    return this.answered(interaction.request, await this.codes.issue(interaction.request, session!, end));
  }

  /** Goes on with an interaction after its person has consented or refused. Asks to sign in first where nobody has. */
  async settle(
    interaction: Interaction,
    session: BrowserSession | null,
    consents: boolean,
    cause: ChangeContext,
  ): Promise<AuthorizationOutcome> {
    const { request, client, askedAt } = interaction;
    const decision = await this.decide(request, client, session, askedAt, true);
    if (decision.kind !== 'grant' || !session) return { kind: 'ask', step: 'sign_in', interaction: interaction.id };
    const { userId } = session;
    if (!consents) {
      await this.interactions.endWith(interaction, (manager) =>
        this.consents.refuse(userId, client.id, cause, manager),
      );
      return this.refuse(request, new AppError('access_denied'));
    }
    const end = async (manager: EntityManager) => {
      await this.interactions.end(interaction, manager);
      await this.consents.grant(userId, request, cause, manager);
    };
    return this.answered(request, await this.codes.issue(request, session, end));
  }

  /** Returns an answer with an error. */
  refuse(target: AnswerTarget, error: AppError): AuthorizationOutcome {
    return { kind: 'answer', answer: errorAnswer(target, error, this.config.publicUrl) };
  }

  private async decide(
    request: AuthorizationRequest,
    client: RegisteredClient,
    session: BrowserSession | null,
    askedAt: Date | null,
    consentsNow: boolean,
  ): Promise<AuthorizationDecision> {
    const asksOthers = session !== null && !client.firstParty && !consentsNow;
    const consented = asksOthers ? await this.consents.find(session.userId, client.id) : null;
    const state = { signedInAt: session?.signedInAt ?? null, askedAt, consented, consentsNow };
    return decideAuthorization(request, client, state, this.clock.now());
  }

  private answered(request: AuthorizationRequest, code: string): AuthorizationOutcome {
    return { kind: 'answer', answer: codeAnswer(request, code, this.config.publicUrl) };
  }
}
