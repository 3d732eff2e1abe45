/** One kind of event in the audit log. */
export interface AuditEventType {
  /** The meaning of the event, in a sentence for `docs/audit-events.md`. */
  readonly meaning: string;
  /** Success where it says nothing. */
  readonly outcome?: 'failure';
  /** The members of `details`, with their meaning. */
  readonly details?: Readonly<Record<string, string>>;
  /** The values of `reason`, with what they mean. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Whether the user whom it is about may read it at `GET /audit/me`. */
  readonly shownToSubject: boolean;
}

/** The kinds of events of one feature, by their names. Names are stable. */
export type AuditEventTypes = Readonly<Record<string, AuditEventType>>;

/** The type of {@link AUDIT_EVENTS}. `src/audit-events.ts` states it, because this folder imports no feature. */
export interface GatheredAuditEvents {}

export type AuditEventName = keyof GatheredAuditEvents;

/** Every kind of event that the audit log records, by its name. `src/audit-events.ts` fills it before any feature is loaded. */
export const AUDIT_EVENTS = {} as Readonly<Record<AuditEventName, AuditEventType>>;

/** Adds the events of features to {@link AUDIT_EVENTS}. Throws where two of them declare the same name. */
export function gatherAuditEvents(features: readonly AuditEventTypes[]): void {
  for (const [name, type] of features.flatMap((feature) => Object.entries(feature))) {
    if (Object.hasOwn(AUDIT_EVENTS, name)) throw new Error(`The audit event ${name} is declared twice: rename one`);
    Object.assign(AUDIT_EVENTS, { [name]: type });
  }
}

/**
 * The record of an event in the audit log, besides its cause. It never contains a secret, a token, a password or an
 * e-mail address.
 */
export interface AuditRecord {
  readonly event: AuditEventName;
  /** The id of the user, client or thing that it is about; null where it is about no single one. */
  readonly subject: string | null;
  /** The reason for the event, or for its refusal. */
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
