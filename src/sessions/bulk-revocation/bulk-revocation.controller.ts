import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, Roles } from '../../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../../common/api.decorators.js';
import type { Person } from '../../common/principal.js';
import { TakesLong } from '../../platform/http/answer-limit.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { BulkRevocationDto, BulkRevocationView } from './bulk-revocation.dto.js';
import { BulkRevocationService } from './bulk-revocation.service.js';

const SELECTIONS = {
  'a role: count first': { role: 'orders:approver', dry_run: true },
  'a network': { network: '203.0.113.0/24' },
  'a user, before a time': { user_id: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a', created_before: '2026-01-31T12:00:00Z' },
  'a service account': { client_id: 'svc_q3kXlN0bJ1cAb9-Z' },
  everybody: { everybody: true, dry_run: true },
};

@ApiTags('User administration')
@Roles('admin')
@Controller('revocations')
export class BulkRevocationController {
  constructor(private readonly revocations: BulkRevocationService) {}

  /** End many sessions at once: all that meet every criterion, except that of the caller. */
  @Post()
  @TakesLong()
  @HttpCode(200)
  @Revokes()
  @ApiExamples(BulkRevocationDto, SELECTIONS)
  @ApiProblems('invalid_request')
  async revoke(
    @CurrentPrincipal() principal: Person,
    @Body() body: BulkRevocationDto,
    @Cause() cause: ChangeContext,
  ): Promise<BulkRevocationView> {
    return BulkRevocationView.of(await this.revocations.revoke(body, principal, cause), body.dry_run);
  }
}
