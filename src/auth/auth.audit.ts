import type { AuditEventTypes } from '../common/audit-events.js';

const COUNT = 'how many of this kind within a minute';
const ACCOUNT = 'a keyed hash of the address that was given: the same for the same address';
const RATE_LIMITED = 'too many attempts: nothing was tested';

export const AUTH_AUDIT = {
  'sign_in.failed': {
    meaning: 'A login was refused. Its subject is the user, where the password was tested and there is one.',
    outcome: 'failure',
    reasons: {
      unknown_account: 'nobody has the address',
      wrong_password: 'the password is another one',
      no_password: 'the user has no password',
      disabled: 'the account is disabled',
      invalid_dpop_proof: 'the proof of the key that the tokens were to be bound to was refused',
      rate_limited: RATE_LIMITED,
    },
    details: { account: ACCOUNT, count: COUNT },
    shownToSubject: true,
  },
  'sign_in.spraying': {
    meaning:
      'Logins to very many accounts were refused within an hour: somebody may try a few passwords on all of them.',
    outcome: 'failure',
    reasons: {
      network: 'from one network, which has to wait from now on',
      all_networks: 'from all networks together, more than `SIGN_IN_FAILURE_ALARM`',
    },
    details: { network: 'the network that waits; null for all' },
    shownToSubject: false,
  },
  'registration.failed': {
    meaning: 'A registration was refused.',
    outcome: 'failure',
    reasons: { email_taken: 'the address has an account', rate_limited: RATE_LIMITED },
    details: { account: ACCOUNT, count: COUNT },
    shownToSubject: false,
  },
  'password_check.failed': {
    meaning: 'Somebody who had signed in was asked for the password again, and gave another one.',
    outcome: 'failure',
    reasons: { wrong_password: 'the password is another one', rate_limited: RATE_LIMITED },
    details: { count: COUNT },
    shownToSubject: true,
  },
} as const satisfies AuditEventTypes;
