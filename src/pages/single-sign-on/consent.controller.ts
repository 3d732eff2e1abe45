import { Controller, Get, HttpCode, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController, ApiHideProperty } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { OAUTH_FORM } from '../../oauth/protocol/form-body.js';
import { parametersOf } from '../../oauth/protocol/form-parameters.js';
import { Authorizations } from '../../oidc/authorization/authorizations.service.js';
import { BrowserSessions } from '../../oidc/authorization/browser-sessions.js';
import { InteractionFormDto, InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import { Interactions } from '../../oidc/interactions/interactions.service.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageSender } from './page-sender.js';
import { consentPage } from './single-sign-on.pages.js';

class ConsentFormDto extends InteractionFormDto {
  @ApiHideProperty()
  @IsIn(['allow', 'deny'])
  consent: 'allow' | 'deny';

  /** The user to whom the page was shown. */
  @ApiHideProperty()
  @IsUUID()
  account: string;
}

/** The page on which people give an application access. It works without scripts. */
@ApiExcludeController()
@Public()
@UseFilters(PageErrorFilter)
@Controller('consent')
export class ConsentPageController {
  constructor(
    private readonly interactions: Interactions,
    private readonly authorizations: Authorizations,
    private readonly sessions: BrowserSessions,
    private readonly forms: InteractionForms,
    private readonly sender: PageSender,
  ) {}

  @Get()
  async show(
    @Query('interaction') id: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const interaction = await this.interactions.find(id, request);
    const session = await this.sessions.find(request);
    const { locale, redirectUri } = interaction.request;
    const setting = this.sender.settingOf(request, locale);
    // The session may have ended while the page was open.
    if (!session)
      return this.sender.sendOutcome(reply, setting, { kind: 'ask', step: 'sign_in', interaction: interaction.id });
    const formToken = this.forms.tokenFor(interaction, request);
    this.sender.send(reply, setting, consentPage(setting, { interaction, formToken, account: session }), [redirectUri]);
  }

  @Post()
  @HttpCode(200)
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  async settle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = parametersOf(ConsentFormDto, request.body);
    const interaction = await this.forms.accept(form, request);
    const found = await this.sessions.find(request);
    // Another person may have signed in in this browser since the page was shown.
    const session = found?.userId === form.account ? found : null;
    const cause = changeContextOf(request);
    const by = session ? cause.by({ kind: 'user', id: session.userId }) : cause;
    const outcome = await this.authorizations.settle(interaction, session, form.consent === 'allow', by);
    this.sender.sendOutcome(reply, this.sender.settingOf(request, interaction.request.locale), outcome);
  }
}
