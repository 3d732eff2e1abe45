import { Controller, HttpCode, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController, ApiHideProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access.decorators.js';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { OAUTH_FORM } from '../../oauth/protocol/form-body.js';
import { parametersOf } from '../../oauth/protocol/form-parameters.js';
import { InteractionFormDto, InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import { InteractionSignIn } from '../../oidc/interactions/interaction-sign-in.js';
import type { Interaction } from '../../oidc/interactions/interactions.service.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { noteRefusal } from '../../platform/http/request/request-log.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageSender } from './page-sender.js';
import { secondFactorPage, type SecondFactorFault } from './second-factor.page.js';

class SecondFactorFormDto extends InteractionFormDto {
  @ApiHideProperty()
  @IsString()
  @MaxLength(64)
  mfa_token: string;

  @ApiHideProperty()
  @IsString()
  @MaxLength(200)
  methods: string;

  @ApiHideProperty()
  @IsString()
  @MaxLength(32)
  method: string;

  @ApiHideProperty()
  @IsString()
  @MaxLength(64)
  code: string;
}

/** The faults after which the person may try again with the same ticket. */
const FAULTS: Partial<Record<ErrorCode, SecondFactorFault>> = { second_factor_invalid: 'wrong', rate_limited: 'wait' };

/** Takes the form of the second factor. The sign-in form shows it. */
@ApiExcludeController()
@Public()
@Controller('sign-in/second-factor')
export class SecondFactorPageController {
  constructor(
    private readonly forms: InteractionForms,
    private readonly signIns: InteractionSignIn,
    private readonly sender: PageSender,
  ) {}

  @Post()
  @HttpCode(200)
  @ConfigureRoute({ bodyType: OAUTH_FORM })
  @UseFilters(PageErrorFilter)
  async take(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = parametersOf(SecondFactorFormDto, request.body);
    const interaction = await this.forms.accept(form, request);
    const { mfa_token: mfaToken, method, code } = form;
    const setting = this.sender.settingOf(request, interaction.request.locale);
    try {
      const outcome = await this.signIns.takeSecondStep({ mfaToken, method, code }, interaction, request, reply);
      this.sender.sendOutcome(reply, setting, outcome);
    } catch (error) {
      this.showAgain(error, form, interaction, request, reply);
    }
  }

  private showAgain(
    error: unknown,
    { mfa_token: mfaToken, methods }: SecondFactorFormDto,
    interaction: Interaction,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const fault = error instanceof AppError ? FAULTS[error.code] : undefined;
    if (!fault) throw error;
    noteRefusal(request, error as AppError);
    const setting = this.sender.settingOf(request, interaction.request.locale);
    const formToken = this.forms.tokenFor(interaction, request);
    const shown = { interaction, formToken, mfaToken, methods: methods.split(' '), fault };
    this.sender.send(reply.code((error as AppError).status), setting, secondFactorPage(setting, shown), [
      interaction.request.redirectUri,
    ]);
  }
}
