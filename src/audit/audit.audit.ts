import type { AuditEventTypes } from '../common/audit-events.js';

export const AUDIT_AUDIT = {
  'audit.read': {
    meaning: 'Somebody read the audit log of others.',
    details: { filters: 'the names of the filters that were used' },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
