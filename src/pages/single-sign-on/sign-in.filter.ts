import { Catch, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError, ErrorCode } from '../../common/errors.js';
import { InteractionForms } from '../../oidc/interactions/interaction-forms.js';
import type { Interaction } from '../../oidc/interactions/interactions.service.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageSender } from './page-sender.js';
import { secondFactorPage } from './second-factor.page.js';
import { signInPage, type SignInFault } from './single-sign-on.pages.js';

const FAULTS: Partial<Record<ErrorCode, SignInFault>> = {
  invalid_credentials: 'wrong',
  rate_limited: 'wait',
  password_change_required: 'temporary',
  email_not_verified: 'unverified',
};

/** A request whose form has been accepted. */
type Accepted = FastifyRequest & { interaction?: Interaction; enteredEmail?: string };

/** Shows the sign-in form again, with what did not work. */
@Injectable()
@Catch()
export class SignInFilter extends PageErrorFilter {
  constructor(
    private readonly pages: PageSender,
    private readonly forms: InteractionForms,
  ) {
    super(pages);
  }

  protected override show(error: AppError, request: Accepted, reply: FastifyReply): void {
    const { interaction, enteredEmail = '' } = request;
    const ended = error.code === 'interaction_invalid' || error.code === 'form_refused';
    if (!interaction || ended) return super.show(error, request, reply);
    const setting = this.pages.settingOf(request, interaction.request.locale);
    const formToken = this.forms.tokenFor(interaction, request);
    const ticket = ticketOf(error);
    if (ticket) {
      const page = secondFactorPage(setting, { interaction, formToken, ...ticket, fault: null });
      return this.pages.send(reply, setting, page, [interaction.request.redirectUri]);
    }
    const page = signInPage(setting, { interaction, formToken, email: enteredEmail, fault: faultOf(error) });
    this.pages.send(reply, setting, page, [interaction.request.redirectUri]);
  }
}

/** Returns the ticket to the second step that a right password was answered with; null where none is due. */
function ticketOf({ code, members }: AppError): { mfaToken: string; methods: string[] } | null {
  if (code !== 'mfa_required' || !members) return null;
  return { mfaToken: members['mfa_token'] as string, methods: members['methods'] as string[] };
}

function faultOf({ code, errors }: AppError): SignInFault {
  if (code !== 'invalid_request') return FAULTS[code] ?? 'failed';
  return errors?.some(({ field }) => field === 'new_password') ? 'refusedPassword' : 'malformed';
}
