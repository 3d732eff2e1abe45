import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { AUDIT_EVENTS, type AuditEventName } from '../common/audit-events.js';
import { EXPORT_FORMATS, type ExportFormat } from './audit-export.js';
import { PageDto } from '../common/pagination.js';
import { IsNetwork, IsText, IsTimestamp, MayBeAbsent } from '../common/validation.js';

/** The criteria of events, all of which must apply. */
export class ListAuditEventsDto extends PageDto {
  @ApiPropertyOptional({ format: 'date-time', description: 'Events at this time or later.' })
  @MayBeAbsent()
  @IsTimestamp()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Events before this time.' })
  @MayBeAbsent()
  @IsTimestamp()
  to?: string;

  /** The id of the user or client that acted; `system:jobs` and the like for the service itself. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsText({ max: 100 })
  actor?: string;

  /** The id of the user, client or thing that it is about. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsText({ max: 100 })
  subject?: string;

  /** The name of an event, as `docs/audit-events.md` lists them. */
  @ApiPropertyOptional({ enum: () => Object.keys(AUDIT_EVENTS) })
  @MayBeAbsent()
  @IsIn(Object.keys(AUDIT_EVENTS))
  event?: AuditEventName;

  /** The client of the token that was used, or that signed in. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsText({ max: 100 })
  client?: string;

  /** The address or network (CIDR) that it came from. An IPv4 address also means its IPv4-mapped form. */
  @ApiPropertyOptional({ example: '203.0.113.0/24' })
  @MayBeAbsent()
  @IsNetwork()
  network?: string;
}

/** Events to which all of this applies, in a format. */
export class ExportAuditEventsDto extends OmitType(ListAuditEventsDto, ['cursor', 'limit']) {
  /** A line of JSON for each event, or a table for a spreadsheet. */
  @ApiPropertyOptional({ enum: EXPORT_FORMATS, default: 'jsonl' })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat = 'jsonl';
}
