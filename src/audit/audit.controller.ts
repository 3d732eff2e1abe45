import { Readable } from 'node:stream';
import { Controller, Get, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, OwnScopes, Roles } from '../common/access.decorators.js';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../common/api.decorators.js';
import { PageDto } from '../common/pagination.js';
import type { Person } from '../common/principal.js';
import { SCOPES } from '../common/scopes.js';
import { TakesLong } from '../platform/http/answer-limit.js';
import { AuditReader } from './audit-reader.js';
import { exported, FORMATS } from './audit-export.js';
import { ExportAuditEventsDto, ListAuditEventsDto } from './audit.dto.js';
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

  /** Export what has happened, the newest first, as lines of JSON or as a table. That it was exported is recorded too. */
  @Get('export')
  @TakesLong()
  @Roles('admin', 'auditor')
  @OwnScopes(SCOPES.readAudit)
  @AuditedRead('audit.exported')
  @ApiProduces('application/x-ndjson', 'text/csv')
  @ApiOkResponse({ description: 'The events; a connection that is cut has not sent all.', schema: { type: 'string' } })
  @ApiProblems('invalid_request')
  export(@Query() { format, ...filter }: ExportAuditEventsDto, @Req() { method }: FastifyRequest): StreamableFile {
    const pages = method === 'HEAD' ? [] : this.reader.pages(filter);
    const disposition = `attachment; filename="audit.${format}"`;
    return new StreamableFile(Readable.from(exported(pages, format)), { type: FORMATS[format].type, disposition });
  }

  /** List what has happened to your account, the newest first. */
  @Get('me')
  @ApiProblems('invalid_request')
  async listOwn(@CurrentPrincipal() { subject }: Person, @Query() page: PageDto): Promise<OwnAuditPage> {
    const { items, nextCursor } = await this.reader.listOwn(subject, page);
    return { items: items.map((row) => OwnAuditEventView.of(row)), next_cursor: nextCursor };
  }
}
