import type { AuditEventTypes } from '../common/audit-events.js';

export const ADMINISTRATION_AUDIT = {
  'user.impersonated': {
    meaning: 'Somebody else got an access token of a user.',
    details: { stated_reason: 'as the actor has given it', until: 'when the token expires' },
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
