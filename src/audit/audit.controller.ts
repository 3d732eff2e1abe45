import { Readable } from 'node:stream';
import { Controller, Get, Headers, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentPrincipal, OwnScopes, Roles } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { invalidField } from '../common/errors.js';
import { PageDto } from '../common/pagination.js';
import type { Person, Principal } from '../common/principal.js';
import { SCOPES } from '../common/scopes.js';
import { Cause } from '../platform/context/cause.decorator.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { TakesLong } from '../platform/http/answer-limit.js';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';
import { exported, FORMATS } from './audit-export.js';
import { ExportAuditEventsDto, ListAuditEventsDto } from './audit.dto.js';
import { AuditEventView, AuditPage, OwnAuditEventView, OwnAuditPage } from './audit.view.js';
import { AuditedRead } from './audited-read.interceptor.js';
import { AuditStreams } from './tail/audit-streams.js';

const SEQ = /^\d{1,15}$/;

@ApiTags('Audit')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly reader: AuditReader,
    private readonly streams: AuditStreams,
    private readonly log: AuditLog,
  ) {}

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

  /** Follow what happens, as server-sent events. Each has its `seq` as its id, and the members of `GET /audit`. */
  @Get('stream')
  @TakesLong()
  @Roles('admin', 'auditor')
  @OwnScopes(SCOPES.readAudit)
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The number of an event: the stream begins with the next one.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events, until either side ends them.', schema: { type: 'string' } })
  @ApiProblems('invalid_request', 'overloaded', 'unavailable')
  async stream(
    @CurrentPrincipal() principal: Principal,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Cause() cause: ChangeContext,
    @Req() { method }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (lastEventId !== undefined && !SEQ.test(lastEventId)) {
      throw invalidField('Last-Event-ID', 'matches', 'Last-Event-ID must be the number of an event');
    }
    if (method === 'HEAD') return void reply.type('text/event-stream').send();
    const from = lastEventId === undefined ? undefined : Number(lastEventId);
    await this.log.record({ event: 'audit.followed', subject: null, details: { from } }, cause);
    await this.streams.open(reply, principal, from);
  }

  /** List what has happened to your account, the newest first. */
  @Get('me')
  @ApiProblems('invalid_request')
  async listOwn(@CurrentPrincipal() { subject }: Person, @Query() page: PageDto): Promise<OwnAuditPage> {
    const { items, nextCursor } = await this.reader.listOwn(subject, page);
    return { items: items.map((row) => OwnAuditEventView.of(row)), next_cursor: nextCursor };
  }
}
