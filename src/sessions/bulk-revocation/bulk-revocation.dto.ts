import { IsBoolean, IsUUID } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNetwork, IsText, IsTimestamp, MayBeAbsent } from '../../common/validation.js';
import type { SessionCount } from '../sessions.service.js';

/** Sessions to which all of this applies, or `everybody`. */
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

  /** Sessions of this client. Of another one than the first-party client all tokens are refused, so that it goes with no other criterion. */
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

  /** Sessions last refreshed from this address or network (CIDR). An IPv4 address is its IPv4-mapped form too. */
  @ApiPropertyOptional({ example: '203.0.113.0/24' })
  @MayBeAbsent()
  @IsNetwork()
  network?: string;

  /** All sessions. It goes with no other criterion. */
  @MayBeAbsent()
  @IsBoolean()
  everybody?: boolean;

  /** Count only. */
  @MayBeAbsent()
  @IsBoolean()
  dry_run: boolean = false;

  /** End the session that asks too, where it is among them. */
  @MayBeAbsent()
  @IsBoolean()
  include_self: boolean = false;
}

/** What was revoked, or with `dry_run` what would be. */
export class BulkRevocationView {
  /** How many sessions have ended. */
  @ApiProperty({ type: 'integer', example: 1203 })
  sessions: number;

  /** Of how many users. */
  @ApiProperty({ type: 'integer', example: 870 })
  users: number;

  dry_run: boolean;

  static of({ sessions, users }: SessionCount, dryRun: boolean): BulkRevocationView {
    return { sessions, users, dry_run: dryRun };
  }
}
