import type { AuditEventTypes } from '../common/audit-events.js';

export const MFA_AUDIT = {
  'user.second_factor_changed': {
    meaning: 'A user signs in with other factors than before.',
    reasons: {
      added: 'an authenticator app was confirmed',
      removed: 'one was removed',
      recovery_codes: 'the recovery codes were replaced',
      reset: 'an administrator has removed all factors',
    },
    shownToSubject: true,
  },
  'second_factor.failed': {
    meaning: 'The password of a user was right, and the second factor was not.',
    outcome: 'failure',
    reasons: {
      second_factor_invalid: 'the code is wrong, or was used before',
      rate_limited: 'there were too many attempts',
    },
    shownToSubject: true,
  },
  'user.recovery_code_used': {
    meaning: 'A user has shown a recovery code, which works once.',
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
