import type { AuditEventTypes } from '../common/audit-events.js';

export const ADMINISTRATION_AUDIT = {
  'user.impersonated': {
    meaning: 'Somebody else got an access token of a user.',
    details: { stated_reason: 'as the actor has given it', until: 'when the token expires' },
    shownToSubject: true,
  },
  'limits.cleared': {
    meaning: 'Attempts of a user, or from a network, were forgotten, so that the next one is admitted at once.',
    details: { network: 'the network, where it is about one' },
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
