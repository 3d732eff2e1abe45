import type { AuditEventView } from '../audit.view.js';

/** The version of the Open Cybersecurity Schema Framework whose classes are used. */
const OCSF_VERSION = '1.4.0';

/** Activities of the classes, by their ids in OCSF. 99 is any other one. */
const ACCOUNT_CHANGE = { class: 3001, create: 1, passwordChange: 3, disable: 5, delete: 6, other: 99 } as const;
const AUTHENTICATION = { class: 3002, logon: 1, logoff: 2, other: 99 } as const;
const ENTITY_MANAGEMENT = { class: 3004, create: 1, read: 2, update: 3, delete: 4, other: 99 } as const;

const SEVERITY = { informational: 1, medium: 3 } as const;
const STATUS = { success: 1, failure: 2 } as const;

interface Kind {
  readonly class: 3001 | 3002 | 3004;
  readonly activity: number;
}

const account = (activity: number): Kind => ({ class: ACCOUNT_CHANGE.class, activity });
const authentication = (activity: number): Kind => ({ class: AUTHENTICATION.class, activity });
const entity = (activity: number): Kind => ({ class: ENTITY_MANAGEMENT.class, activity });

/** Events whose verb does not say the activity. */
const KINDS: Record<string, Kind> = {
  'session.opened': authentication(AUTHENTICATION.logon),
  'session.ended': authentication(AUTHENTICATION.logoff),
  'session.bulk_revocation': authentication(AUTHENTICATION.logoff),
  'sign_in.failed': authentication(AUTHENTICATION.logon),
  'client.authentication_failed': authentication(AUTHENTICATION.logon),
  'password_check.failed': authentication(AUTHENTICATION.other),
  'user.impersonated': authentication(AUTHENTICATION.other),
  'registration.failed': account(ACCOUNT_CHANGE.create),
  'user.created': account(ACCOUNT_CHANGE.create),
  'user.password_changed': account(ACCOUNT_CHANGE.passwordChange),
  'user.disabled': account(ACCOUNT_CHANGE.disable),
  'user.deleted': account(ACCOUNT_CHANGE.delete),
  'user.read': entity(ENTITY_MANAGEMENT.read),
  'users.listed': entity(ENTITY_MANAGEMENT.read),
};

const VERBS: readonly (readonly [RegExp, number])[] = [
  [/(?:created|added|granted)$/, ENTITY_MANAGEMENT.create],
  [/(?:read|exported|followed|listed)$/, ENTITY_MANAGEMENT.read],
  [/(?:deleted|revoked|purged|cleared)$/, ENTITY_MANAGEMENT.delete],
  [/(?:updated|changed|reduced|expires|again)$/, ENTITY_MANAGEMENT.update],
];

/** Returns class and activity of an event. Events that come later get them from their name. */
export function kindOf(event: string): Kind {
  const known = KINDS[event];
  if (known) return known;
  if (event.startsWith('user.')) return account(ACCOUNT_CHANGE.other);
  return entity(VERBS.find(([verb]) => verb.test(event))?.[1] ?? ENTITY_MANAGEMENT.other);
}

/**
 * Returns an event by OCSF: of the classes Account Change, Authentication and Entity Management. What they have no place for
 * is in `unmapped`.
 */
export function ocsfOf(event: AuditEventView, service: string): Record<string, unknown> {
  const kind = kindOf(event.event);
  const { subject, details } = event;
  const hash = typeof details['account'] === 'string' ? details['account'] : null;
  const user = { uid: subject ?? hash ?? 'unknown' };
  return {
    category_uid: 3,
    class_uid: kind.class,
    activity_id: kind.activity,
    type_uid: kind.class * 100 + kind.activity,
    severity_id: event.outcome === 'failure' ? SEVERITY.medium : SEVERITY.informational,
    status_id: STATUS[event.outcome],
    ...(event.reason !== null && { status_detail: event.reason }),
    time: event.at.getTime(),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Countersign', vendor_name: 'Countersign' },
      log_name: 'audit',
      log_provider: service,
      uid: event.id,
      sequence: event.seq,
      event_code: event.event,
      ...(event.request_id !== null && { correlation_uid: event.request_id }),
    },
    ...(event.actor !== null && { actor: { user: { uid: event.actor } } }),
    ...(event.address !== null && { src_endpoint: { ip: event.address } }),
    ...(kind.class === ENTITY_MANAGEMENT.class
      ? { entity: { uid: subject ?? event.event.split('.')[0]!, type: event.event.split('.')[0]! } }
      : { user }),
    unmapped: { client: event.client, details },
  };
}
