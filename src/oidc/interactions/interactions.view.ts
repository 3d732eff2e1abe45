import { ApiProperty } from '@nestjs/swagger';
import { answerUrlOf } from '../../oauth/authorization/authorization-answer.js';
import type { AuthorizationOutcome } from '../authorization/authorizations.service.js';
import type { BrowserSession } from '../authorization/browser-sessions.js';
import type { Interaction } from './interactions.service.js';

const STEPS = ['sign_in', 'consent'] as const;
type Step = (typeof STEPS)[number];

/** The questions to a person that an authorization request has led to. */
export class InteractionView {
  /** @example cso_AZnzoFwefDqfZC9vPB2LegAAAAB0b3BzZWNyZXQhISE */
  id: string;

  /** The question that comes next; null where nothing is left to ask: then send the person back to the application to begin again. */
  @ApiProperty({ enum: STEPS, nullable: true })
  step: Step | null;

  @ApiProperty({ type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } })
  client: { id: string; name: string };

  @ApiProperty({ type: [String], example: ['openid', 'email'] })
  scopes: readonly string[];

  @ApiProperty({ type: [String], example: ['api'] })
  audiences: readonly string[];

  @ApiProperty({ type: 'string', nullable: true, example: 'alice@example.com' })
  login_hint: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: 'de' })
  locale: string | null;

  /** The address of the person who is signed in in the browser. */
  @ApiProperty({ type: 'string', nullable: true, example: 'alice@example.com' })
  signed_in_as: string | null;

  static of(interaction: Interaction, step: Step | null, session: BrowserSession | null): InteractionView {
    const { id, client, request } = interaction;
    return {
      id,
      step,
      client: { id: client.id, name: client.name },
      scopes: request.scopes,
      audiences: request.audiences,
      login_hint: request.loginHint,
      locale: request.locale,
      signed_in_as: session?.email ?? null,
    };
  }
}

/** What the front end does next. */
export class InteractionOutcomeView {
  /** The next question; null where the person goes back to the application. */
  @ApiProperty({ enum: STEPS, nullable: true })
  step: Step | null;

  /** The address to which the browser goes by GET; null where there is a question, or a form. */
  @ApiProperty({ type: 'string', nullable: true, example: 'https://app.example.com/callback?code=…' })
  redirect_to: string | null;

  /** A form that the browser sends by POST, for an application that asked for `response_mode=form_post`. */
  @ApiProperty({
    type: 'object',
    nullable: true,
    properties: {
      action: { type: 'string' },
      fields: { type: 'object', additionalProperties: { type: 'string' } },
    },
  })
  form_post: { action: string; fields: Readonly<Record<string, string>> } | null;

  static of(outcome: AuthorizationOutcome): InteractionOutcomeView {
    if (outcome.kind === 'ask') return { step: outcome.step, redirect_to: null, form_post: null };
    const { answer } = outcome;
    const { redirectUri, responseMode } = answer.target;
    return responseMode === 'query'
      ? { step: null, redirect_to: answerUrlOf(answer), form_post: null }
      : { step: null, redirect_to: null, form_post: { action: redirectUri, fields: answer.parameters } };
  }
}
