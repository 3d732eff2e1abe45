import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import type { Person } from '../common/principal.js';
import { Revokes } from '../revocation/revocation-receipt.js';
import { BulkRevocationDto, BulkRevocationView } from './bulk-revocation.dto.js';
import { BulkRevocationService } from './bulk-revocation.service.js';

@ApiTags('User administration')
@Roles('admin')
@Controller('revocations')
export class BulkRevocationController {
  constructor(private readonly revocations: BulkRevocationService) {}

  /** Sign out many at once: all sessions that meet every criterion, but the one that asks. */
  @Post()
  @HttpCode(200)
  @Revokes()
  @ApiProblems('invalid_request')
  async revoke(@CurrentPrincipal() principal: Person, @Body() body: BulkRevocationDto): Promise<BulkRevocationView> {
    return BulkRevocationView.of(await this.revocations.revoke(body, principal), body.dry_run);
  }
}
