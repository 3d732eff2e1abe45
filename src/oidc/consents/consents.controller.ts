import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CLIENT_ID } from '../../clients/client-credential.js';
import { CurrentPrincipal } from '../../common/access.decorators.js';
import { ApiProblems } from '../../common/api.decorators.js';
import { IdPipe } from '../../common/id.pipe.js';
import { pageOf, wholeOf } from '../../common/pagination.js';
import type { Person } from '../../common/principal.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { Consents } from './consents.service.js';
import { ConsentsView } from './consents.view.js';

@ApiTags('Single sign-on')
@Controller('consents')
export class ConsentsController {
  constructor(private readonly consents: Consents) {}

  /** List the applications of others to which you have given access. */
  @Get()
  async list(@CurrentPrincipal() principal: Person): Promise<ConsentsView> {
    return pageOf(wholeOf(await this.consents.list(principal.subject)), (consent) => consent);
  }

  /** Take the access of an application away: it is signed out, and has to ask again. */
  @Delete(':id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async revoke(
    @CurrentPrincipal() principal: Person,
    @Param('id', new IdPipe(CLIENT_ID)) id: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.consents.revoke(principal.subject, id, cause);
  }
}
