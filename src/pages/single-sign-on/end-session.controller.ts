import { Controller, Get, HttpCode, Post, Req, Res, UseFilters } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExcludeController,
  ApiHideProperty,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SessionCookies } from '../../auth/cookies/session-cookies.js';
import { Public } from '../../common/access.decorators.js';
import { OAUTH_FORM } from '../../oauth/protocol/form-body.js';
import { parametersOf } from '../../oauth/protocol/form-parameters.js';
import { BrowserSessions } from '../../oidc/authorization/browser-sessions.js';
import { InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import { EndSessionDto, ReturnDto } from '../../oidc/logout/end-session.dto.js';
import { EndSession } from '../../oidc/logout/end-session.service.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { ApiErrorPage, ApiPage } from './page.decorators.js';
import { PageErrorFilter } from './page-error.filter.js';
import { formOfQuery, redirectToQuery } from './query-form.js';
import { PageSender } from './page-sender.js';
import { signedOutPage, signOutPage } from './single-sign-on.pages.js';

const SIGN_OUT = 'sign-out';

class SignOutFormDto extends ReturnDto {
  @ApiHideProperty()
  @IsString()
  @MaxLength(100)
  form_token: string;
}

/** The endpoint to which applications send people to sign out (OpenID Connect RP-Initiated Logout 1.0). */
@ApiTags('Single sign-on')
@Public()
@UseFilters(PageErrorFilter)
@Controller('oauth/end-session')
export class EndSessionController {
  constructor(
    private readonly endSession: EndSession,
    private readonly sessions: BrowserSessions,
    private readonly cookies: SessionCookies,
    private readonly forms: InteractionForms,
    private readonly sender: PageSender,
  ) {}

  /**
   * Sign a person out of the browser, and with it out of all applications in it.
   * @remarks With an ID token of a session of this browser at once; otherwise the person is asked on a page.
   */
  @Get()
  @ApiQuery({ type: EndSessionDto })
  @ApiPage('A page that asks the person, or says that they are signed out.')
  @ApiResponse({ status: 303, description: 'Back to the application.' })
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const parameters = parametersOf(EndSessionDto, formOfQuery(request));
    const session = await this.sessions.find(request);
    const { asks, client, returnTo } = await this.endSession.plan(parameters, session);
    const setting = this.sender.settingOf(request);
    if (session && asks) {
      const { post_logout_redirect_uri: uri, state } = parameters;
      const fields = {
        form_token: this.forms.tokenOf(SIGN_OUT, request, reply),
        ...(client !== null && { client_id: client }),
        ...(uri !== undefined && { post_logout_redirect_uri: uri }),
        ...(state !== undefined && { state }),
      };
      return this.sender.send(
        reply,
        setting,
        signOutPage(setting, session.email, fields),
        returnTo === null ? [] : [returnTo],
      );
    }
    if (session) {
      await this.endSession.end(session, changeContextOf(request));
      this.cookies.clear(reply);
    }
    if (returnTo !== null) return void reply.redirect(returnTo, 303);
    this.sender.send(reply, setting, signedOutPage(setting));
  }

  /**
   * The same with its parameters in a form.
   * @remarks The browser is sent to the GET: with a form from another site it sends no cookie.
   */
  @Post()
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: EndSessionDto })
  @ApiErrorPage()
  @ApiResponse({ status: 303, description: 'To the same address, with the parameters in the query.' })
  endByForm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    redirectToQuery('end-session', request, reply);
  }
}

/** Takes the form by which a person confirms. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller('sign-out')
export class SignOutController {
  constructor(
    private readonly endSession: EndSession,
    private readonly sessions: BrowserSessions,
    private readonly cookies: SessionCookies,
    private readonly forms: InteractionForms,
    private readonly sender: PageSender,
  ) {}

  @Post()
  @HttpCode(200)
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = parametersOf(SignOutFormDto, request.body);
    this.forms.check(SIGN_OUT, form.form_token, request);
    const session = await this.sessions.find(request);
    if (session) await this.endSession.end(session, changeContextOf(request));
    this.cookies.clear(reply);
    const returnTo = await this.endSession.returnTo(form);
    if (returnTo !== null) return void reply.redirect(returnTo, 303);
    const setting = this.sender.settingOf(request);
    this.sender.send(reply, setting, signedOutPage(setting));
  }
}
