import type { AuditEventTypes } from '../common/audit-events.js';

export const KEYS_AUDIT = {
  'signing_key.revoked': {
    meaning: 'A signing key has leaked: it verifies nothing any more.',
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
