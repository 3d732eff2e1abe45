import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, OwnScopes, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { PageDto } from '../common/pagination.js';
import type { Person } from '../common/principal.js';
import { SCOPES } from '../common/scopes.js';
import { AuditReader } from './audit-reader.js';
import { ListAuditEventsDto } from './audit.dto.js';
import { AuditEventView, AuditPage, OwnAuditEventView, OwnAuditPage } from './audit.view.js';
import { AuditedRead } from './audited-read.interceptor.js';

@ApiTags('Audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly reader: AuditReader) {}

  /** List what has happened, the newest first. Reading is recorded too. */
  @Get()
  @Roles('admin', 'auditor')
  @OwnScopes(SCOPES.readAudit)
  @AuditedRead('audit.read')
  @ApiProblems('invalid_request')
  async list(@Query() filter: ListAuditEventsDto): Promise<AuditPage> {
    const { items, nextCursor } = await this.reader.list(filter);
    return { items: items.map((row) => AuditEventView.of(row)), next_cursor: nextCursor };
  }

  /** List what has happened to your account, the newest first. */
  @Get('me')
  @ApiProblems('invalid_request')
  async listOwn(@CurrentPrincipal() { subject }: Person, @Query() page: PageDto): Promise<OwnAuditPage> {
    const { items, nextCursor } = await this.reader.listOwn(subject, page);
    return { items: items.map((row) => OwnAuditEventView.of(row)), next_cursor: nextCursor };
  }
}
