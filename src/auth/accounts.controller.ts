import { Body, Controller, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OwnScopes, Roles } from '../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../common/api.decorators.js';
import { SCOPES } from '../common/scopes.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { Reach } from '../users/reach.pipe.js';
import type { UserReach } from '../users/user-reach.js';
import { UserView } from '../users/user.view.js';
import { AccountsService } from './accounts.service.js';
import { CreateUserDto, TemporaryPasswordDto } from './auth.dto.js';

const NEW_USERS = {
  'with a password': { email: 'bob@example.com', password: 'seven green bicycles', display_name: 'Bob' },
  'without one': { email: 'carol@example.com', roles: ['user', 'orders:approver'] },
  'with the hash of another system': {
    email: 'dave@example.com',
    password_hash: '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
  },
};

@ApiTags('User administration')
@Roles('admin')
@OwnScopes(SCOPES.writeUsers)
@Controller('users')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  /** Create a user: with a password, without one, or with the hash of another system. */
  @Post()
  @ApiExamples(CreateUserDto, NEW_USERS)
  @ApiProblems('invalid_request', 'email_taken', 'id_taken', 'overloaded')
  async create(
    @Body() body: CreateUserDto,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<UserView> {
    const { email, password, password_hash: passwordHash, display_name: displayName, locale, status, roles } = body;
    const { id, email_verified: emailVerified, must_change_password: mustChange } = body;
    const createdAt = body.created_at === undefined ? undefined : new Date(body.created_at);
    const credential = { password, passwordHash, mustChange };
    const account = { email, ...credential, displayName, locale, status, roles, id, createdAt, emailVerified };
    return UserView.of(await this.accounts.create(account, cause, reach));
  }

  /** Set a temporary password and end all sessions: the user has to change it at the next login, with `new_password`. */
  @Put(':id/password')
  @Roles('admin', 'support')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('invalid_request', 'not_found', 'overloaded')
  async setTemporaryPassword(
    @Param('id', UuidPipe) id: string,
    @Body() body: TemporaryPasswordDto,
    @Reach() reach: UserReach,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.accounts.setTemporaryPassword(id, body.password, cause, reach);
  }
}
