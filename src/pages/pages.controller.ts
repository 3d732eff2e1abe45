import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../common/access.decorators.js';
import { negotiateLocale } from '../common/locale.js';
import { Config } from '../platform/config/config.js';
import type { MailPage } from '../platform/mail/mail-links.js';
import { mailLinkPage } from './mail-link.page.js';
import { SCRIPT } from './mail-link.script.js';
import { PAGE_CSP, STYLE } from './page.js';
import { FORM_POST_SCRIPT } from './single-sign-on/single-sign-on.pages.js';

/** Serves the pages that links in mail lead to. They change nothing by themselves. */
@ApiExcludeController()
@Public()
@Controller()
export class PagesController {
  constructor(private readonly config: Config) {}

  @Get(['recover', 'verify', 'confirm-email', 'undo-email', 'accept-invitation'] satisfies MailPage[])
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const page = request.routeOptions.url!.slice(1) as MailPage;
    const { defaultLocale, serviceName } = this.config;
    const locale = negotiateLocale(request.headers['accept-language']) ?? defaultLocale;
    void reply
      .type('text/html; charset=utf-8')
      .headers({ 'Content-Security-Policy': PAGE_CSP, 'Content-Language': locale, Vary: 'Accept-Language' })
      .send(mailLinkPage(page, locale, serviceName).markup);
  }

  @Get('pages/mail-link.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return SCRIPT;
  }

  @Get('pages/form-post.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  formPostScript(): string {
    return FORM_POST_SCRIPT;
  }

  @Get('pages/style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return STYLE;
  }
}
