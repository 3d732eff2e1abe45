import type { AuditEventTypes } from '../common/audit-events.js';

const administered = { shownToSubject: false } as const;
const SECRET = { secret: 'the id of the secret' };
const IDENTITY = { identity: 'the id of the identity' };

export const CLIENTS_AUDIT = {
  'client.created': { meaning: 'A service account was created.', ...administered },
  'client.updated': {
    meaning: 'A service account was changed.',
    details: { changed: 'the names of what was changed' },
    ...administered,
  },
  'client.deleted': { meaning: 'A service account was deleted.', ...administered },
  'client.access_reduced': {
    meaning: 'A service account may do less than before, or nothing, and its access tokens are refused.',
    ...administered,
  },
  'client.secret_added': { meaning: 'A service account got another secret.', details: SECRET, ...administered },
  'client.secret_expires': {
    meaning: 'The end of a secret was set.',
    details: { ...SECRET, expires_at: 'when it ends' },
    ...administered,
  },
  'client.secret_deleted': { meaning: 'A secret was deleted.', details: SECRET, ...administered },
  'client.identity_added': {
    meaning: 'Another issuer vouches for a service account (workload identity).',
    details: { ...IDENTITY, issuer: 'the issuer', subject: 'whom the issuer names' },
    ...administered,
  },
  'client.identity_deleted': { meaning: 'A workload identity was deleted.', details: IDENTITY, ...administered },
} as const satisfies AuditEventTypes;
