import type { AuditEventTypes } from '../common/audit-events.js';

const KEY = 'the id of the key';

export const API_KEYS_AUDIT = {
  'api_key.created': {
    meaning: 'A user made a personal access token, or a service account got an API key; its owner is the subject.',
    details: { key: KEY, scopes: 'its scopes', expires_at: 'when it ends; null for never' },
    shownToSubject: true,
  },
  'api_key.deleted': {
    meaning: 'A key was deleted, and the access tokens refused that it was exchanged for.',
    reasons: { leaked: 'somebody had found it, and showed it whole' },
    details: { key: KEY },
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
