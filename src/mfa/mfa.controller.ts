import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  CurrentPrincipal,
  OwnScopes,
  RecentSignIn,
  RECENT_SIGN_IN_PROBLEMS,
  Roles,
} from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import type { Person } from '../common/principal.js';
import { SCOPES } from '../common/scopes.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Config } from '../platform/config/config.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { ConfirmationDto } from '../users/users.dto.js';
import { Reach } from '../users/reach.pipe.js';
import type { UserReach } from '../users/user-reach.js';
import { AddTotpDto, ConfirmTotpDto } from './mfa.dto.js';
import { FactorsView, FactorView, NewTotpView, RecoveryCodesView } from './mfa.view.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { SecondFactorAttempts } from '../auth/sign-in/second-factor-attempts.js';
import { SecondFactorsService } from './second-factors.service.js';
import { qrCode } from './totp/qr-code.js';
import { TotpFactors } from './totp/totp-factors.js';
import { base32, otpauthUri } from './totp/totp.js';

@ApiTags('Second factor')
@Controller('mfa')
export class MfaController {
  constructor(
    private readonly factors: SecondFactorsService,
    private readonly totp: TotpFactors,
    private readonly codes: RecoveryCodes,
    private readonly attempts: SecondFactorAttempts,
    private readonly config: Config,
  ) {}

  /** The second factors of the signed-in user. */
  @Get()
  async list(@CurrentPrincipal() { subject }: Person): Promise<FactorsView> {
    const [factors, left] = await Promise.all([this.totp.of(subject), this.codes.left(subject)]);
    return { factors: factors.map((factor) => FactorView.of(factor)), recovery_codes: left };
  }

  /**
   * Set up an authenticator app.
   * @remarks Show the QR code, and then send a first code of the app to `POST /mfa/totp/{id}/confirm`: the app does not count
   * before. One that was not confirmed is replaced by the next.
   */
  @Post('totp')
  @RecentSignIn()
  @ApiProblems('invalid_request', 'not_found', 'email_not_verified', 'too_many_factors', ...RECENT_SIGN_IN_PROBLEMS)
  async addTotp(@CurrentPrincipal() { subject }: Person, @Body() { name }: AddTotpDto): Promise<NewTotpView> {
    const { id, secret, email } = await this.factors.addTotp(subject, name ?? 'Authenticator');
    const uri = otpauthUri(secret, this.config.serviceName, email);
    return { id, secret: base32(secret), otpauth_uri: uri, qr_svg: await qrCode(uri) };
  }

  /** Confirm an authenticator app by its first code: from now on each sign-in needs a second factor. */
  @Post('totp/:id/confirm')
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found', 'second_factor_invalid', 'rate_limited')
  async confirmTotp(
    @CurrentPrincipal() { subject }: Person,
    @Param('id', UuidPipe) id: string,
    @Body() { code }: ConfirmTotpDto,
    @Cause() cause: ChangeContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const confirm = () => this.factors.confirmTotp(subject, id, code, cause);
    await this.attempts.make(subject, confirm, reply, cause);
  }

  /** Remove a second factor. With the last one, the password suffices again. */
  @Delete(':id')
  @HttpCode(204)
  @RecentSignIn()
  @ApiBody({ type: ConfirmationDto, required: false })
  @ApiProblems('not_found', ...RECENT_SIGN_IN_PROBLEMS)
  async remove(
    @CurrentPrincipal() { subject }: Person,
    @Param('id', UuidPipe) id: string,
    @Cause() cause: ChangeContext,
    @Body() _confirmation?: ConfirmationDto,
  ): Promise<void> {
    await this.factors.remove(subject, id, cause);
  }

  /** Make ten recovery codes, in place of the former ones. Each signs in once, where the second factor is lost. */
  @Post('recovery-codes')
  @RecentSignIn()
  @ApiBody({ type: ConfirmationDto, required: false })
  @ApiProblems('not_found', 'no_second_factor', ...RECENT_SIGN_IN_PROBLEMS)
  async renewRecoveryCodes(
    @CurrentPrincipal() { subject }: Person,
    @Cause() cause: ChangeContext,
    @Body() _confirmation?: ConfirmationDto,
  ): Promise<RecoveryCodesView> {
    return { codes: await this.factors.renewRecoveryCodes(subject, cause) };
  }
}

@ApiTags('User administration')
@Roles('admin', 'support')
@OwnScopes(SCOPES.writeUsers)
@Controller('users')
export class MfaAdministrationController {
  constructor(private readonly factors: SecondFactorsService) {}

  /** Remove all second factors of a user who has lost them. The user is told by mail. */
  @Delete(':id/mfa')
  @HttpCode(204)
  @ApiProblems('not_found')
  async reset(
    @Param('id', UuidPipe) id: string,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.factors.reset(id, cause, reach);
  }
}
