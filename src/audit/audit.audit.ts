import type { AuditEventTypes } from '../common/audit-events.js';

export const AUDIT_AUDIT = {
  'audit.read': {
    meaning: 'Somebody read the audit log of others.',
    details: { filters: 'the names of the filters that were used' },
    shownToSubject: false,
  },
  'audit.exported': {
    meaning: 'Somebody exported the audit log.',
    details: { filters: 'the names of the filters that were used' },
    shownToSubject: false,
  },
  'audit.followed': {
    meaning: 'Somebody opened a stream of the audit log.',
    details: { from: 'the number behind which it begins; absent where it begins at the end' },
    shownToSubject: false,
  },
  'audit.purged': {
    meaning: 'Events were removed from the audit log for their age.',
    details: { through: 'the number of the last of them' },
    shownToSubject: false,
  },
  'service.started': {
    meaning: 'An instance of the service started.',
    details: {
      version: 'its version',
      settings:
        'the settings that are not as by default; of secrets, and of what has an address in it, that they are set',
      changed: 'the names of the settings that were other ones at the start before',
    },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
