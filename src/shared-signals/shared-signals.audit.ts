import type { AuditEventTypes } from '../common/audit-events.js';

export const SHARED_SIGNALS_AUDIT = {
  'signal_stream.created': {
    meaning: 'A receiver of security events was added.',
    details: { client: 'the service account that it is of; null for one of the administrators' },
    shownToSubject: false,
  },
  'signal_stream.updated': { meaning: 'A receiver of security events was changed.', shownToSubject: false },
  'signal_stream.status_changed': {
    meaning: 'A receiver of security events was enabled, paused or disabled.',
    details: { status: 'its status' },
    shownToSubject: false,
  },
  'signal_stream.deleted': { meaning: 'A receiver of security events was deleted.', shownToSubject: false },
} as const satisfies AuditEventTypes;
