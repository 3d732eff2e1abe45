import { IsBoolean, IsUUID } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNetwork, IsText, IsTimestamp, MayBeAbsent } from '../../common/validation.js';
import type { SessionCount } from '../session-termination.js';

/** The criteria of the sessions to end, all of which must apply, or `everybody`. */
export class BulkRevocationDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @MayBeAbsent()
  @IsUUID('all')
  user_id?: string;

  /** Sessions of users who have this role. */
  @ApiPropertyOptional({ example: 'orders:approver' })
  @MayBeAbsent()
  @IsText({ max: 32 })
  role?: string;

  /** Sessions of this client. For a client other than the first-party one all tokens are refused: no other criterion may be given then. */
  @ApiPropertyOptional({ example: 'web' })
  @MayBeAbsent()
  @IsText({ max: 100 })
  client_id?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Sessions that were opened before this time.' })
  @MayBeAbsent()
  @IsTimestamp()
  created_before?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Sessions that were opened after this time.' })
  @MayBeAbsent()
  @IsTimestamp()
  created_after?: string;

  /** Sessions last refreshed from this address or network (CIDR). An IPv4 address also means its IPv4-mapped form. */
  @ApiPropertyOptional({ example: '203.0.113.0/24' })
  @MayBeAbsent()
  @IsNetwork()
  network?: string;

  /** All sessions. No other criterion may be given with it. */
  @MayBeAbsent()
  @IsBoolean()
  everybody?: boolean;

  /** Whether to count only. */
  @MayBeAbsent()
  @IsBoolean()
  dry_run: boolean = false;

  /** Whether to end the caller's own session too, where it meets the criteria. */
  @MayBeAbsent()
  @IsBoolean()
  include_self: boolean = false;
}

/** The numbers of what was revoked, or with `dry_run` of what would be. */
export class BulkRevocationView {
  /** How many sessions have ended. */
  @ApiProperty({ type: 'integer', example: 1203 })
  sessions: number;

  /** How many users had these sessions. */
  @ApiProperty({ type: 'integer', example: 870 })
  users: number;

  dry_run: boolean;

  static of({ sessions, users }: SessionCount, dryRun: boolean): BulkRevocationView {
    return { sessions, users, dry_run: dryRun };
  }
}
