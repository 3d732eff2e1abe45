import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { invalidField } from '../common/errors.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Reach } from '../users/reach.pipe.js';
import type { UserReach } from '../users/user-reach.js';
import { requireReach } from '../users/user-reach.js';
import { UsersService } from '../users/users.service.js';
import { LimitsDto } from './limits.dto.js';
import { LimitsService } from './limits.service.js';
import { LimitsView, LimitView } from './limits.view.js';

@ApiTags('User administration')
@Roles('admin', 'support')
@Controller('limits')
export class LimitsController {
  constructor(
    private readonly limits: LimitsService,
    private readonly users: UsersService,
  ) {}

  /** The limits on attempts of a user, or of the network of an address. */
  @Get()
  @ApiProblems('invalid_request', 'not_found')
  async list(@Query() asked: LimitsDto): Promise<LimitsView> {
    const { userId, clientAddress } = oneOf(asked);
    const states =
      userId === undefined
        ? await this.limits.ofNetwork(clientAddress)
        : await this.limits.ofUser(await this.users.get(userId));
    return { items: states.map((state) => LimitView.of(state)) };
  }

  /**
   * Forget the attempts of a user, or from the network of an address, so that the next one is admitted at once.
   * @remarks Where several instances run without `REDIS_URL`, each counts for itself: this clears the one that answers.
   */
  @Delete()
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found')
  async clear(@Query() asked: LimitsDto, @Reach() reach: UserReach, @Cause() cause: ChangeContext): Promise<void> {
    const { userId, clientAddress } = oneOf(asked);
    if (userId === undefined) return this.limits.clearNetwork(clientAddress, cause);
    const user = await this.users.get(userId);
    requireReach(reach, user.roles);
    await this.limits.clearUser(user, cause);
  }
}

type Asked = { userId: string; clientAddress?: undefined } | { userId?: undefined; clientAddress: string };

/** Returns the one criterion of the request. Throws `invalid_request` unless exactly one is present. */
function oneOf({ user_id: userId, client_address: clientAddress }: LimitsDto): Asked {
  if (userId !== undefined && clientAddress === undefined) return { userId };
  if (userId === undefined && clientAddress !== undefined) return { clientAddress };
  throw invalidField('user_id', 'exclusive', 'send one of user_id and client_address');
}
