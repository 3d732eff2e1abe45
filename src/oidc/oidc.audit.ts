import type { AuditEventTypes } from '../common/audit-events.js';

const CLIENT = { client: 'the id of the application' };

export const OIDC_AUDIT = {
  'consent.granted': {
    meaning: 'A person gave an application access.',
    details: { ...CLIENT, scopes: 'the scopes', audiences: 'the audiences' },
    shownToSubject: true,
  },
  'consent.refused': {
    meaning: 'A person refused an application access.',
    outcome: 'failure',
    details: CLIENT,
    shownToSubject: true,
  },
  'consent.revoked': {
    meaning: 'A person took the access of an application away.',
    details: CLIENT,
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
