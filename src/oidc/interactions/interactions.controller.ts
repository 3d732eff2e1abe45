import { Body, Controller, Get, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SessionCookies } from '../../auth/cookies/session-cookies.js';
import { LocalAuthGuard } from '../../auth/password/local-auth.guard.js';
import { Public } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Authorizations } from '../authorization/authorizations.service.js';
import { BrowserSessions } from '../authorization/browser-sessions.js';
import { InteractionSignIn, type InteractionRequest } from './interaction-sign-in.js';
import { InteractionSignInGuard } from './interaction-sign-in.guard.js';
import { InteractionConsentDto, InteractionSecondFactorDto, InteractionSignInDto } from './interactions.dto.js';
import { Interactions } from './interactions.service.js';
import { InteractionOutcomeView, InteractionView } from './interactions.view.js';

/** The questions of single sign-on as JSON, for front ends that have pages of their own. */
@ApiTags('Single sign-on')
// The cookie of the browser in which the interaction began is the credential.
@Public()
@Controller('interactions')
export class InteractionsController {
  constructor(
    private readonly interactions: Interactions,
    private readonly authorizations: Authorizations,
    private readonly sessions: BrowserSessions,
    private readonly cookies: SessionCookies,
    private readonly signIns: InteractionSignIn,
  ) {}

  /** Read what an authorization request has to ask the person in this browser. */
  @Get(':id')
  @ApiProblems('interaction_invalid')
  async read(@Param('id') id: string, @Req() request: FastifyRequest): Promise<InteractionView> {
    const interaction = await this.interactions.find(id, request);
    const session = await this.sessions.find(request);
    return InteractionView.of(interaction, await this.authorizations.nextStep(interaction, session), session);
  }

  /** Sign in: the cookie of the browser's session comes with the answer. */
  @UseGuards(InteractionSignInGuard, LocalAuthGuard)
  @Post(':id/sign-in')
  @HttpCode(200)
  @ApiParam({ name: 'id' })
  @ApiBody({ type: InteractionSignInDto })
  @ApiProblems(
    'invalid_request',
    'interaction_invalid',
    'invalid_credentials',
    'mfa_required',
    'password_change_required',
    'email_not_verified',
    'csrf_refused',
    'rate_limited',
    'overloaded',
    'password_hook_unavailable',
    'unavailable',
  )
  async signIn(
    @Req() request: InteractionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InteractionOutcomeView> {
    return InteractionOutcomeView.of(await this.signIns.signIn(request, reply));
  }

  /** End a sign-in with the second factor that `mfa_required` has asked for. */
  @Post(':id/second-factor')
  @HttpCode(200)
  @ApiProblems(
    'invalid_request',
    'interaction_invalid',
    'invalid_credentials',
    'mfa_token_invalid',
    'second_factor_invalid',
    'csrf_refused',
    'rate_limited',
    'unavailable',
  )
  async takeSecondStep(
    @Param('id') id: string,
    @Body() { mfa_token: mfaToken, method, code }: InteractionSecondFactorDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InteractionOutcomeView> {
    this.cookies.refuseCrossSite(request);
    const interaction = await this.interactions.find(id, request);
    const step = { mfaToken, method, code };
    return InteractionOutcomeView.of(await this.signIns.takeSecondStep(step, interaction, request, reply));
  }

  /** Give the application access, or refuse it. */
  @Post(':id/consent')
  @HttpCode(200)
  @ApiProblems('invalid_request', 'interaction_invalid', 'csrf_refused')
  async consent(
    @Param('id') id: string,
    @Body() { consent }: InteractionConsentDto,
    @Req() request: FastifyRequest,
    @Cause() cause: ChangeContext,
  ): Promise<InteractionOutcomeView> {
    this.cookies.refuseCrossSite(request);
    const interaction = await this.interactions.find(id, request);
    const session = await this.sessions.find(request);
    const by = session ? cause.by({ kind: 'user', id: session.userId }) : cause;
    return InteractionOutcomeView.of(await this.authorizations.settle(interaction, session, consent, by));
  }
}
