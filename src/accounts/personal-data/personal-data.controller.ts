import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, RecentSignIn, RECENT_SIGN_IN_PROBLEMS, Roles } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import type { Person } from '../../common/principal.js';
import { UuidPipe } from '../../common/uuid.pipe.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { PersonalDataService } from './personal-data.service.js';
import { PersonalDataView } from './personal-data.view.js';

const AS_FILE = 'attachment; filename="personal-data.json"';

@ApiTags('Profile')
@Controller('users/me/export')
export class OwnDataController {
  constructor(private readonly data: PersonalDataService) {}

  /** Export everything that is held on the signed-in user. */
  @Get()
  @RecentSignIn()
  @Header('Content-Disposition', AS_FILE)
  @ApiProblems('not_found', ...RECENT_SIGN_IN_PROBLEMS)
  export(@CurrentPrincipal() { subject }: Person, @Cause() cause: ChangeContext): Promise<PersonalDataView> {
    return this.data.export(subject, cause);
  }
}

@ApiTags('User administration')
@Roles('admin')
@Controller('users/:id/export')
export class PersonalDataController {
  constructor(private readonly data: PersonalDataService) {}

  /** Export everything that is held on a user. */
  @Get()
  @RecentSignIn()
  @Header('Content-Disposition', AS_FILE)
  @ApiProblems('not_found', ...RECENT_SIGN_IN_PROBLEMS)
  export(@Param('id', UuidPipe) id: string, @Cause() cause: ChangeContext): Promise<PersonalDataView> {
    return this.data.export(id, cause);
  }
}
