import type { AuditEventTypes } from '../common/audit-events.js';

export const CLIENTS_AUDIT = {
  'client.access_reduced': {
    meaning: 'A service account may do less than before, or nothing, and its access tokens are refused.',
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
