import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  CurrentPrincipal,
  RecentSignIn,
  RECENT_SIGN_IN_PROBLEMS,
  OwnScopes,
  Roles,
} from '../common/access.decorators.js';
import { AuditedRead } from '../audit/audited-read.interceptor.js';
import { ApiProblems } from '../common/api.decorators.js';
import { pageOf } from '../common/pagination.js';
import { SCOPES } from '../common/scopes.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import type { Person } from '../common/principal.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { ConfirmationDto, ListUsersDto, UpdateMeDto, UpdateUserDto } from './users.dto.js';
import { UserPage, UserView } from './user.view.js';
import { Reach } from './reach.pipe.js';
import { UserList } from './user-list.js';
import type { UserReach } from './user-reach.js';
import { UsersService } from './users.service.js';

@ApiTags('Profile')
@Controller('users/me')
export class ProfileController {
  constructor(private readonly users: UsersService) {}

  /** The stored profile of the signed-in user. */
  @Get()
  @ApiProblems('not_found')
  async read(@CurrentPrincipal() principal: Person): Promise<UserView> {
    return UserView.of(await this.users.get(principal.subject));
  }

  /** Change the profile. */
  @Patch()
  @ApiProblems('invalid_request', 'not_found')
  async update(
    @CurrentPrincipal() principal: Person,
    @Body() changes: UpdateMeDto,
    @Cause() cause: ChangeContext,
  ): Promise<UserView> {
    const given = { displayName: changes.display_name, locale: changes.locale };
    return UserView.of(await this.users.update(principal.subject, given, cause));
  }

  /** Delete the account and end all its sessions. */
  @Delete()
  @HttpCode(204)
  @RecentSignIn()
  @Revokes()
  @ApiBody({ type: ConfirmationDto, required: false })
  @ApiProblems('not_found', 'last_admin', ...RECENT_SIGN_IN_PROBLEMS)
  async delete(
    @CurrentPrincipal() principal: Person,
    @Cause() cause: ChangeContext,
    @Body() _confirmation?: ConfirmationDto,
  ): Promise<void> {
    await this.users.delete(principal.subject, cause);
  }
}

@ApiTags('User administration')
@Roles('admin')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly everybody: UserList,
  ) {}

  /** List users, newest first. */
  @Get()
  @Roles('admin', 'support')
  @OwnScopes(SCOPES.readUsers, SCOPES.writeUsers)
  @AuditedRead('users.listed')
  @ApiProblems('invalid_request')
  async list(@Query() filter: ListUsersDto): Promise<UserPage> {
    return pageOf(await this.everybody.list(filter), (user) => UserView.of(user));
  }

  /** Read a user. */
  @Get(':id')
  @Roles('admin', 'support')
  @OwnScopes(SCOPES.readUsers, SCOPES.writeUsers)
  @AuditedRead('user.read')
  @ApiProblems('not_found')
  async read(@Param('id', UuidPipe) id: string): Promise<UserView> {
    return UserView.of(await this.users.get(id));
  }

  /** Change name, language, address, status or roles of a user. Services reach no administrators, and make none. */
  @Patch(':id')
  @OwnScopes(SCOPES.writeUsers)
  @Revokes()
  @ApiProblems('invalid_request', 'not_found', 'last_admin', 'email_taken')
  async update(
    @Param('id', UuidPipe) id: string,
    @Body() changes: UpdateUserDto,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<UserView> {
    const { display_name: displayName, email_verified: emailVerified, email, locale, status, roles } = changes;
    const given = { displayName, email, emailVerified, locale, status, roles };
    return UserView.of(await this.users.update(id, given, cause, reach));
  }

  /** Delete a user and end all their sessions. */
  @Delete(':id')
  @OwnScopes(SCOPES.writeUsers)
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found', 'last_admin')
  async delete(
    @Param('id', UuidPipe) id: string,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.users.delete(id, cause, reach);
  }
}
