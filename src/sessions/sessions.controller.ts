import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, OwnScopes, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { PageDto, pageOf } from '../common/pagination.js';
import type { Person } from '../common/principal.js';
import { SCOPES } from '../common/scopes.js';
import { parseShortUuid } from '../common/uuid.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { Transactions } from '../platform/database/transactions.js';
import { Reach } from '../users/reach.pipe.js';
import type { UserReach } from '../users/user-reach.js';
import { UsersService } from '../users/users.service.js';
import { EndedSessionsView, SessionPage, SessionView } from './session.view.js';
import { SessionTermination } from './session-termination.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Sessions')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
  ) {}

  /** The devices that are signed in, the newest sign-in first. */
  @Get()
  @ApiProblems('invalid_request')
  async list(@CurrentPrincipal() principal: Person, @Query() page: PageDto): Promise<SessionPage> {
    return pageOf(await this.sessions.list(principal.subject, page), (row) => SessionView.of(row, principal.session));
  }

  /** Sign out all other devices. */
  @Delete()
  @HttpCode(200)
  @Revokes()
  async endOthers(@CurrentPrincipal() principal: Person, @Cause() cause: ChangeContext): Promise<EndedSessionsView> {
    const current = parseShortUuid(principal.session);
    if (!current) throw new AppError('token_invalid', { reason: 'sid: the token is of no session' });
    const others = { userId: principal.subject, except: current };
    const { sessions } = await this.termination.end(others, 'ended_by_user', cause);
    return { ended: sessions };
  }

  /** Sign out one device. */
  @Delete(':id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async end(
    @CurrentPrincipal() principal: Person,
    @Param('id') id: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    const sessionId = parseShortUuid(id);
    if (!sessionId) throw new AppError('not_found');
    const ended = await this.termination.end({ id: sessionId, userId: principal.subject }, 'ended_by_user', cause);
    if (ended.sessions === 0) throw new AppError('not_found');
  }
}

@ApiTags('User administration')
@Roles('admin')
@Controller('users')
export class UserSessionsController {
  constructor(
    private readonly termination: SessionTermination,
    private readonly users: UsersService,
    private readonly transactions: Transactions,
  ) {}

  /** Sign a user out everywhere. */
  @Delete(':id/sessions')
  @Roles('admin', 'support')
  @OwnScopes(SCOPES.writeUsers)
  @HttpCode(200)
  @Revokes()
  @ApiProblems('not_found')
  async end(
    @Param('id', UuidPipe) id: string,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<EndedSessionsView> {
    const { sessions } = await this.transactions.run(async (manager) => {
      const { id: userId } = await this.users.lock(id, manager, reach);
      return this.termination.endWithin({ userId }, 'ended_by_admin', cause, manager);
    });
    return { ended: sessions };
  }
}
