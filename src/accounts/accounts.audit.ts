import type { AuditEventTypes } from '../common/audit-events.js';

export const ACCOUNTS_AUDIT = {
  'user.exported': {
    meaning: 'Everything that is held on a user was exported, by the user or an administrator.',
    shownToSubject: true,
  },
  'invitation.created': {
    meaning: 'Somebody was invited by mail to an account.',
    details: { roles: 'of the account', user: 'the account, where there is one' },
    shownToSubject: false,
  },
  'invitation.sent_again': {
    meaning: 'The mail of an invitation was sent again, and its time began anew.',
    shownToSubject: false,
  },
  'invitation.deleted': { meaning: 'An invitation was withdrawn.', shownToSubject: false },
  'invitation.accepted': {
    meaning: 'The reader of an invitation chose a password, which proves the address.',
    details: { user: 'the account' },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
