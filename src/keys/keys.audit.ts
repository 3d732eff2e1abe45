import type { AuditEventTypes } from '../common/audit-events.js';

export const KEYS_AUDIT = {
  'signing_key.changed': {
    meaning: 'A signing key took the next step of its life. Its `kid` is the subject.',
    reasons: {
      create: 'it was made and published',
      activate: 'it signs from now on',
      retire: 'it signs no more, and what it has signed is still accepted',
      remove: 'it is forgotten',
    },
    shownToSubject: false,
  },
  'signing_key.revoked': {
    meaning: 'A signing key has leaked: it verifies nothing any more.',
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
