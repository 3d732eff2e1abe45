import type { ErrorTypes } from '../common/errors.js';

export const MFA_ERRORS = {
  too_many_factors: {
    status: 409,
    title: 'There are too many factors',
    help: 'A user has ten authenticator apps at most. Delete one with `DELETE /mfa/{id}` first.',
  },
  no_second_factor: {
    status: 409,
    title: 'There is no second factor',
    help: 'Recovery codes replace a second factor that was lost. Add one first: `POST /mfa/totp`.',
  },
} as const satisfies ErrorTypes;
