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

let latest = 0;
let counter = 0;

/** Ids of events of one process are in the order in which they happened, within a millisecond too. */
function nextId(at: number): string {
  counter = at > latest ? 0 : counter + 1;
  latest = Math.max(latest, at);
  return uuidv7(at, counter);
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
