import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, RECENT_SIGN_IN_PROBLEMS, RecentSignIn, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import type { Person } from '../common/principal.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { ImpersonationDto, LONGEST_IMPERSONATION } from './impersonation.dto.js';
import { ImpersonationService } from './impersonation.service.js';
import { ImpersonationView } from './impersonation.view.js';

@ApiTags('User administration')
@Controller('users')
export class ImpersonationController {
  constructor(private readonly impersonations: ImpersonationService) {}

  /**
   * Get an access token of a user, to see what they see.
   * @remarks For the role `impersonator`, and for users without power in this service. The token states the user's roles,
   * and you as the actor (`act`, RFC 8693). It cannot be refreshed, ends with your session, and opens no route that is for
   * the user in person: no password, profile, device or key can be changed with it.
   */
  @Post(':id/impersonate')
  @HttpCode(200)
  @Roles('impersonator')
  @RecentSignIn()
  @ApiProblems('invalid_request', 'not_found', 'unavailable', ...RECENT_SIGN_IN_PROBLEMS)
  async impersonate(
    @Param('id', UuidPipe) userId: string,
    @CurrentPrincipal() principal: Person,
    @Body() { reason, expires_in: lifetime = LONGEST_IMPERSONATION }: ImpersonationDto,
    @Cause() cause: ChangeContext,
  ): Promise<ImpersonationView> {
    return ImpersonationView.of(await this.impersonations.impersonate({ userId, reason, lifetime }, principal, cause));
  }
}
