import type { AuditEventTypes } from '../common/audit-events.js';

export const USERS_AUDIT = {
  'user.created': {
    meaning:
      'An account was created: by its owner (who is anonymous then), an administrator, a service or the service itself.',
    details: { roles: 'its roles', status: 'its status' },
    shownToSubject: true,
  },
  'user.updated': {
    meaning: 'An account was changed.',
    details: {
      changed: 'the names of what was changed',
      roles: 'the roles before and after, where they were changed',
      status: 'the status before and after, where it was changed',
    },
    shownToSubject: true,
  },
  'user.disabled': { meaning: 'An account was disabled, and its sessions ended.', shownToSubject: true },
  'user.deleted': { meaning: 'An account was deleted.', shownToSubject: true },
  'user.email_changed': {
    meaning: 'A user signs in with another address, and all sessions ended.',
    shownToSubject: true,
  },
  'user.email_verified': { meaning: 'A user has proved to read the mail of the address.', shownToSubject: true },
  'user.registration_repeated': {
    meaning: 'Somebody registered with an address that has an account already, and was told nothing of it.',
    shownToSubject: false,
  },
  'user.roles_reduced': {
    meaning: 'Roles were taken away from a user, and the access tokens refused that state them.',
    details: { roles: 'the roles that are left' },
    shownToSubject: true,
  },
  'user.password_changed': {
    meaning: 'A user has another password.',
    reasons: { user: 'they changed it', admin: 'an administrator or a service set a temporary one' },
    shownToSubject: true,
  },
  'user.read': { meaning: 'Somebody else read the record of a user.', shownToSubject: false },
  'users.listed': {
    meaning: 'Users were listed.',
    details: { filters: 'the names of the filters that were used' },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
