import { Injectable } from '@nestjs/common';
import { ApiHideProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { crossSiteFaultOf } from '../../platform/http/origins/cross-site-request.js';
import { BrowserBinding } from './browser-binding.js';
import { Interactions, type Interaction } from './interactions.service.js';

/** The hidden fields of every form of an interaction. */
export class InteractionFormDto {
  @ApiHideProperty()
  @IsString()
  @MaxLength(100)
  interaction: string;

  @ApiHideProperty()
  @IsString()
  @MaxLength(100)
  form_token: string;
}

/** Accepts forms that a page of ours has sent, from the browser for which it was made. */
@Injectable()
export class InteractionForms {
  constructor(
    private readonly config: Config,
    private readonly binding: BrowserBinding,
    private readonly interactions: Interactions,
  ) {}

  /**
   * Returns the interaction of a form. Throws `form_refused` for a form of another site or another browser, and
   * `interaction_invalid`.
   */
  accept(form: InteractionFormDto, request: FastifyRequest): Promise<Interaction> {
    this.check(form.interaction, form.form_token, request);
    return this.interactions.find(form.interaction, request);
  }

  /** Returns the `form_token` for a form about an interaction, in the browser that sends the request. */
  tokenFor({ id }: Interaction, request: Pick<FastifyRequest, 'headers'>): string {
    return this.binding.formTokenOf(request, id);
  }

  /** Returns the `form_token` for a form that belongs to no interaction, for a browser that may have no cookie yet. */
  tokenOf(subject: string, request: FastifyRequest, reply: FastifyReply): string {
    this.binding.bind(request, reply);
    return this.binding.formTokenOf(request, subject);
  }

  /** Checks a form about a subject. Throws `form_refused`. */
  check(subject: string, formToken: string, request: FastifyRequest): void {
    const isOurs = (origin: string) => origin === this.config.publicUrl;
    if (crossSiteFaultOf(request.method, request.headers, isOurs) === 'origin') {
      throw new AppError('form_refused', { reason: 'origin: the form is of a page of another origin' });
    }
    if (!this.binding.isFormToken(request, subject, formToken)) {
      throw new AppError('form_refused', { reason: 'form_token: it is not of this browser' });
    }
  }
}
