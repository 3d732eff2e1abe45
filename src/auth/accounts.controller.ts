import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { UserView } from '../users/user.view.js';
import { AccountsService } from './accounts.service.js';
import { CreateUserDto } from './auth.dto.js';

@ApiTags('User administration')
@Roles('admin')
@Controller('users')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  /** Create a user: with a password, without one, or with the hash of another system. */
  @Post()
  @ApiProblems('invalid_request', 'email_taken', 'overloaded')
  async create(@Body() body: CreateUserDto): Promise<UserView> {
    const { email, password, password_hash: passwordHash, display_name: displayName, status, roles } = body;
    return UserView.of(await this.accounts.create({ email, password, passwordHash, displayName, status, roles }));
  }
}
