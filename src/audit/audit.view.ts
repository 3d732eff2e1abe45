import { ApiProperty } from '@nestjs/swagger';
import { AUDIT_EVENTS } from '../common/audit-events.js';
import type { AuditRow } from './audit-reader.js';

const nullable = { type: 'string', nullable: true } as const;

/** An event of the audit log. */
export class AuditEventView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  id: string;

  /** Its number in the chain; null for a second or so, until it is sealed. */
  @ApiProperty({ type: 'integer', nullable: true, example: 4711 })
  seq: number | null;

  at: Date;

  @ApiProperty({ enum: () => Object.keys(AUDIT_EVENTS), example: 'session.opened' })
  event: string;

  @ApiProperty({ enum: ['success', 'failure'] })
  outcome: 'success' | 'failure';

  /** The reason for the event, or for its refusal. */
  @ApiProperty(nullable)
  reason: string | null;

  /** The id of the user or client that acted; null for a caller who was not authenticated. */
  @ApiProperty(nullable)
  actor: string | null;

  /** The id of the user, client or thing that it is about. */
  @ApiProperty(nullable)
  subject: string | null;

  /** The client of the token that was used, or that signed in. */
  @ApiProperty({ ...nullable, example: 'web' })
  client: string | null;

  @ApiProperty({ ...nullable, example: '203.0.113.7' })
  address: string | null;

  /** The id of the request, which the service's log has too. */
  @ApiProperty(nullable)
  request_id: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true })
  details: Readonly<Record<string, unknown>>;

  static of({ seq, ...row }: AuditRow): AuditEventView {
    const { id, at, event, outcome, reason, actor, subject, client, address, request_id, details } = row;
    const number = seq === null ? null : Number(seq);
    return { id, seq: number, at, event, outcome, reason, actor, subject, client, address, request_id, details };
  }
}

/** An event of the audit log as the user whom it is about sees it. */
export class OwnAuditEventView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  id: string;

  at: Date;

  @ApiProperty({ enum: () => Object.keys(AUDIT_EVENTS), example: 'session.opened' })
  event: string;

  @ApiProperty({ enum: ['success', 'failure'] })
  outcome: 'success' | 'failure';

  /** The reason for the event, or for its refusal. */
  @ApiProperty(nullable)
  reason: string | null;

  /** `yourself`, `anonymous` for a caller who was not authenticated, or `others` for administrators, services and the service itself. */
  @ApiProperty({ enum: ['yourself', 'anonymous', 'others'] })
  by: 'yourself' | 'anonymous' | 'others';

  /** The client that you used; null where others acted. */
  @ApiProperty({ ...nullable, example: 'web' })
  client: string | null;

  /** The address that it came from; null where others acted. */
  @ApiProperty({ ...nullable, example: '203.0.113.7' })
  address: string | null;

  /** The session that was opened (`sid`). */
  @ApiProperty(nullable)
  session: string | null;

  static of({ id, at, event, outcome, reason, actor, subject, client, address, details }: AuditRow): OwnAuditEventView {
    const by = actor === null ? 'anonymous' : actor === subject ? 'yourself' : 'others';
    // Users must not learn which administrator acted, and from which address.
    const origin = by === 'others' ? { client: null, address: null } : { client, address };
    const { session } = details;
    return { id, at, event, outcome, reason, by, ...origin, session: typeof session === 'string' ? session : null };
  }
}

abstract class Cursor {
  @ApiProperty({ ...nullable, description: 'Pass as `cursor` to read the next page; null on the last one.' })
  next_cursor: string | null;
}

export class AuditPage extends Cursor {
  items: AuditEventView[];
}

export class OwnAuditPage extends Cursor {
  items: OwnAuditEventView[];
}
