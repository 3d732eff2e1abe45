import { Controller, Get, HttpCode, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LocalAuthGuard } from '../../auth/password/local-auth.guard.js';
import { Public } from '../../common/access.decorators.js';
import { OAUTH_FORM } from '../../oauth/protocol/form-body.js';
import { InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import { InteractionSignIn, type InteractionRequest } from '../../oidc/interactions/interaction-sign-in.js';
import { Interactions } from '../../oidc/interactions/interactions.service.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageSender } from './page-sender.js';
import { SignInFormGuard } from './sign-in-form.guard.js';
import { SignInFilter } from './sign-in.filter.js';
import { signInPage } from './single-sign-on.pages.js';

/** The page on which people sign in. It works without scripts. */
@ApiExcludeController()
@Public()
@Controller('sign-in')
export class SignInPageController {
  constructor(
    private readonly interactions: Interactions,
    private readonly forms: InteractionForms,
    private readonly signIns: InteractionSignIn,
    private readonly sender: PageSender,
  ) {}

  @Get()
  @UseFilters(PageErrorFilter)
  async show(
    @Query('interaction') id: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const interaction = await this.interactions.find(id, request);
    const { loginHint, locale, redirectUri } = interaction.request;
    const setting = this.sender.settingOf(request, locale);
    const formToken = this.forms.tokenFor(interaction, request);
    const page = signInPage(setting, { interaction, formToken, email: loginHint ?? '', fault: null });
    this.sender.send(reply, setting, page, [redirectUri]);
  }

  @Post()
  @HttpCode(200)
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  @UseGuards(SignInFormGuard, LocalAuthGuard)
  @UseFilters(SignInFilter)
  async signIn(@Req() request: InteractionRequest, @Res() reply: FastifyReply): Promise<void> {
    const outcome = await this.signIns.signIn(request, reply);
    this.sender.sendOutcome(reply, this.sender.settingOf(request, request.interaction.request.locale), outcome);
  }
}
