import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OwnScopes, Public, Roles } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { negotiateLocale } from '../../common/locale.js';
import { PageDto, pageOf } from '../../common/pagination.js';
import { SCOPES } from '../../common/scopes.js';
import { UuidPipe } from '../../common/uuid.pipe.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { Reach } from '../../users/reach.pipe.js';
import type { UserReach } from '../../users/user-reach.js';
import { AccountLimits } from '../account-limits.js';
import { InvitationAcceptanceService } from './invitation-acceptance.service.js';
import { InvitationPage, InvitationView } from './invitation.view.js';
import { AcceptInvitationDto, InviteDto, ResendInvitationDto } from './invitations.dto.js';
import { InvitationsService } from './invitations.service.js';
import { InvitingService } from './inviting.service.js';

@ApiTags('User administration')
@Roles('admin')
@OwnScopes(SCOPES.writeUsers)
@Controller('invitations')
export class InvitationsController {
  constructor(
    private readonly inviting: InvitingService,
    private readonly invitations: InvitationsService,
    private readonly limits: AccountLimits,
  ) {}

  /** List the invitations that nobody has accepted yet, newest first. */
  @Get()
  @OwnScopes(SCOPES.readUsers, SCOPES.writeUsers)
  @ApiProblems('invalid_request')
  async list(@Query() page: PageDto): Promise<InvitationPage> {
    return pageOf(await this.invitations.list(page), (invitation) => InvitationView.of(invitation));
  }

  /**
   * Invite a person by mail: to a new account, or to one that you have made without a password.
   * @remarks The reader of the mail chooses a password, which proves the address. Services invite nobody to a role that this
   * service itself grants rights to.
   */
  @Post()
  @ApiProblems('invalid_request', 'email_taken', 'already_invited', 'rate_limited')
  async invite(
    @Body() { email, roles, locale, expires_in: expiresIn }: InviteDto,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InvitationView> {
    const invitee = { email, roles, locale, expiresIn };
    const invite = () => this.inviting.invite(invitee, cause, reach);
    return InvitationView.of(await this.limits.invitation(email, invite, reply));
  }

  /** Send the mail of an invitation again; the time that it works begins anew. */
  @Post(':id/resend')
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found', 'rate_limited')
  async sendAgain(
    @Param('id', UuidPipe) id: string,
    @Body() { expires_in: expiresIn }: ResendInvitationDto,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { email } = await this.invitations.get(id, reach);
    await this.limits.invitation(email, () => this.invitations.sendAgain(id, expiresIn, cause, reach), reply);
  }

  /** Withdraw an invitation: the links of its mails open nothing any more. */
  @Delete(':id')
  @HttpCode(204)
  @ApiProblems('not_found')
  async remove(
    @Param('id', UuidPipe) id: string,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.invitations.remove(id, cause, reach);
  }
}

@ApiTags('Accounts')
@Public()
@Controller('auth/invitations')
export class InvitationAcceptanceController {
  constructor(
    private readonly acceptance: InvitationAcceptanceService,
    private readonly limits: AccountLimits,
  ) {}

  /** Accept an invitation with the link of its mail, and choose a password. Signs nobody in. */
  @Post('accept')
  @HttpCode(204)
  @Revokes()
  @ApiProblems(
    'invalid_request',
    'link_invalid',
    'link_used',
    'link_expired',
    'email_taken',
    'rate_limited',
    'overloaded',
    'unavailable',
  )
  async accept(
    @Body() { token, password, display_name: displayName, locale: chosen }: AcceptInvitationDto,
    @Cause() cause: ChangeContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const locale = chosen ?? negotiateLocale(request.headers['accept-language']);
    const accept = () => this.acceptance.accept({ token, password, displayName, locale }, cause);
    await this.limits.proof(clientAddressOf(request), accept, reply);
  }
}
