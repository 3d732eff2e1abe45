import type { AuditEventTypes } from '../common/audit-events.js';

export const OAUTH_AUDIT = {
  'client.authentication_failed': {
    meaning:
      'A secret, an assertion or a certificate was refused. The subject is the client that it named, where there is one.',
    outcome: 'failure',
    details: { count: 'how many of this kind within a minute' },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
