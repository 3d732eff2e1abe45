import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formActionOf } from '../../clients/redirect-uri.js';
import type { Html } from '../../common/html.js';
import { negotiateLocale, type Locale } from '../../common/locale.js';
import { answerUrlOf } from '../../oauth/authorization/authorization-answer.js';
import type { AuthorizationOutcome } from '../../oidc/authorization/authorizations.service.js';
import { Config } from '../../platform/config/config.js';
import { policyOfPage } from '../page.js';
import { formPostPage, type PageSetting } from './single-sign-on.pages.js';

const PATHS = { sign_in: 'sign-in', consent: 'consent' } as const;

/** Sends the pages of single sign-on, and the redirects between them. */
@Injectable()
export class PageSender {
  constructor(private readonly config: Config) {}

  /** Returns the setting of a page, in the language that the application asks for, or the browser. */
  settingOf(request: FastifyRequest, preferred: Locale | null = null): PageSetting {
    const locale = preferred ?? negotiateLocale(request.headers['accept-language']) ?? this.config.defaultLocale;
    const depth = (request.routeOptions.url ?? '').split('/').length - 2;
    return { locale, service: this.config.serviceName, root: '../'.repeat(Math.max(0, depth)) };
  }

  /**
   * Sends a page. `leadsTo`: the URIs to which its forms lead in the end. Browsers also hold the redirect that follows a form
   * against `form-action`.
   */
  send(reply: FastifyReply, { locale }: PageSetting, page: Html, leadsTo: readonly string[] | null = null): void {
    const formAction = leadsTo === null ? ["'none'"] : ["'self'", ...leadsTo.map(formActionOf)];
    void reply
      .type('text/html; charset=utf-8')
      .headers({ 'Content-Security-Policy': policyOfPage({ formAction }), 'Content-Language': locale })
      .send(page.markup);
  }

  /** Sends a browser on: to the next question, or back to the application. */
  sendOutcome(reply: FastifyReply, setting: PageSetting, outcome: AuthorizationOutcome): void {
    if (outcome.kind === 'ask') {
      const query = new URLSearchParams({ interaction: outcome.interaction }).toString();
      // Ours are relative, so that they work under a path of a gateway too.
      const page = this.config.interactionUrl ?? `${setting.root}${PATHS[outcome.step]}`;
      return void reply.redirect(`${page}?${query}`, 303);
    }
    const { answer } = outcome;
    if (answer.target.responseMode === 'query') return void reply.redirect(answerUrlOf(answer), 303);
    this.send(reply, setting, formPostPage(setting, answer), [answer.target.redirectUri]);
  }
}
