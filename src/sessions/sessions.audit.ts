import type { AuditEventTypes } from '../common/audit-events.js';

export const SESSIONS_AUDIT = {
  'session.opened': {
    meaning: 'A user signed in on a device, or an application did under the session of a browser.',
    details: {
      session: 'its id (`sid`)',
      methods: 'how the user proved who they are (`amr`); absent for an application under a browser',
      parent: 'the id of the session of the browser, for an application under it',
    },
    shownToSubject: true,
  },
  'session.ended': {
    meaning: 'Sessions of a user ended. Of very many users at once there is one event, about nobody in particular.',
    reasons: {
      logout: 'the user signed out',
      ended_by_user: 'the user ended it from another session',
      ended_by_admin: 'an administrator or a service ended it',
      refresh_token_reused: 'a refresh token was used twice: somebody else may have it',
      consent_revoked: 'the person took the access of the application away',
      code_replayed: 'an authorization code was used twice: somebody else may have it',
      password_changed: 'the user has another password',
      email_changed: 'the user has another address',
      user_disabled: 'the account was disabled',
      user_deleted: 'the account was deleted',
      revoked_in_bulk: 'an administrator ended all sessions of some kind',
    },
    details: {
      sessions: 'how many',
      ids: 'the ids of the first of them (`sid`)',
      users: 'of how many users, where there were very many',
    },
    shownToSubject: true,
  },
  'session.bulk_revocation': {
    meaning: 'An administrator ended all sessions of some kind, or refused all tokens of a client.',
    details: { criteria: 'which; how many there were is told by `session.ended`' },
    shownToSubject: false,
  },
} as const satisfies AuditEventTypes;
