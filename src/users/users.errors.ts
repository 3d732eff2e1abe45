import type { ErrorTypes } from '../common/errors.js';

export const USERS_ERRORS = {
  email_taken: {
    status: 409,
    title: 'An account with this e-mail address exists',
    help: 'Sign in, or register with another address.',
  },
  id_taken: {
    status: 409,
    title: 'A user with this id exists',
    help: 'The user has been created already, or the id belongs to somebody else. Leave it out to get a new one.',
  },
  last_admin: {
    status: 409,
    title: 'The last active administrator cannot be removed, demoted or disabled',
    help: 'Make another active user an administrator first.',
  },
} as const satisfies ErrorTypes;
