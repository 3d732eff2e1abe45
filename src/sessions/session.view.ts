import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../common/pagination.js';
import { shortUuid } from '../common/uuid.js';
import type { SessionRow } from './session.statements.js';

/** A signed-in device. */
export class SessionView {
  /** The `sid` of its access tokens. */
  @ApiProperty({ example: 'AZnzoFwefDqfZC9vPB2Leg' })
  id: string;

  /** Whether it is the session of the caller. */
  current: boolean;

  created_at: Date;

  /** When it was last refreshed. */
  last_used_at: Date;

  /** When it ends at the latest. */
  expires_at: Date;

  @ApiProperty({ type: 'string', nullable: true, example: 'Mozilla/5.0 (X11; Linux x86_64) …' })
  user_agent: string | null;

  /** The network address that it was last refreshed from. */
  @ApiProperty({ type: 'string', nullable: true, example: '203.0.113.7' })
  address: string | null;

  static of(row: SessionRow, currentSession: string): SessionView {
    const id = shortUuid(row.id);
    return {
      id,
      current: id === currentSession,
      created_at: row.created_at,
      last_used_at: row.rotated_at,
      expires_at: row.expires_at,
      user_agent: row.user_agent,
      address: row.address,
    };
  }
}

export class SessionPage extends Page {
  items: SessionView[];
}

export class EndedSessionsView {
  /** How many sessions were ended. */
  @ApiProperty({ type: 'integer', example: 2 })
  ended: number;
}
