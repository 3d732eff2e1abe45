import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditedRead } from '../audit/audited-read.interceptor.js';
import { OwnScopes, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { SCOPES } from '../common/scopes.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { PasswordsService } from '../passwords/passwords.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UsersService } from '../users/users.service.js';
import { LimitsService } from './limits.service.js';
import { LimitView } from './limits.view.js';
import { obstaclesOf } from './obstacles.js';
import { SignInStateView } from './sign-in-state.view.js';

@ApiTags('User administration')
@Roles('admin', 'support')
@OwnScopes(SCOPES.readUsers, SCOPES.writeUsers)
@Controller('users')
export class SignInStateController {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionsService,
    private readonly limits: LimitsService,
  ) {}

  /** Find out why a user can or cannot sign in. */
  @Get(':id/sign-in-state')
  @AuditedRead('user.read')
  @ApiProblems('not_found')
  async read(@Param('id', UuidPipe) id: string): Promise<SignInStateView> {
    const user = await this.users.get(id);
    const [password, sessions, limits] = await Promise.all([
      this.passwords.stateOf(id),
      this.sessions.countLiving(id),
      this.limits.ofUser(user),
    ]);
    return {
      status: user.status,
      password,
      email_verified_at: user.emailVerifiedAt,
      sessions,
      limits: limits.map((state) => LimitView.of(state)),
      obstacles: obstaclesOf(user.status, password, limits),
    };
  }
}
