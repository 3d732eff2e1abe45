import { AUDIT_EVENTS, type AuditRecord } from '../common/audit-events.js';
import { uuidv7 } from '../common/uuid.js';
import type { ChangeActor, ChangeContext } from '../platform/context/change-context.js';

/** The parts of a cause that an event states. */
export type AuditCause = Pick<ChangeContext, 'actor' | 'onBehalfOf' | 'client' | 'address' | 'requestId'>;

/** An event as it is written, by the columns of `audit_inbox`. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly event: string;
  readonly outcome: 'success' | 'failure';
  readonly reason: string | null;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly client: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Ids of users and clients as they are, parts of the service with a prefix; null for a caller who has not been authenticated. */
const actorOf = ({ kind, id }: ChangeActor): string | null => (kind === 'system' ? `system:${id}` : id);

// `clientAddressOf` writes an address, perhaps with a zone (RFC 4007 11), or "unknown".
const inetOf = (address: string | null): string | null =>
  address === null || address === 'unknown' ? null : address.split('%')[0]!;

/** A clock that is corrected goes back by milliseconds. */
const CORRECTION_MS = 1_000;

let latest = 0;
let counter = 0;

/**
 * Returns an id. Those of one process are in the order in which their events happened, within a millisecond too, and where
 * the clock goes back a little (RFC 9562 6.2).
 */
function nextId(at: number): string {
  const time = at < latest && latest - at <= CORRECTION_MS ? latest : at;
  counter = time === latest ? counter + 1 : 0;
  latest = time;
  return uuidv7(time, counter);
}

export function entryOf({ event, subject, reason, details }: AuditRecord, cause: AuditCause, at: Date): AuditEntry {
  return {
    id: nextId(at.getTime()),
    at,
    event,
    outcome: AUDIT_EVENTS[event].outcome ?? 'success',
    reason: reason ?? null,
    actor: actorOf(cause.actor),
    subject,
    client: cause.client,
    address: inetOf(cause.address),
    request_id: cause.requestId,
    details: cause.onBehalfOf === null ? (details ?? {}) : { ...details, on_behalf_of: cause.onBehalfOf },
  };
}
