import type { ErrorTypes } from '../common/errors.js';

export const PASSWORDS_ERRORS = {
  wrong_password: {
    status: 403,
    title: 'The current password is wrong',
    help: 'Changing the password, and what else asks for `current_password`, needs the one that you sign in with.',
  },
  password_change_required: {
    status: 403,
    title: 'The password is temporary, and has to be changed',
    help: 'An administrator has set it; nothing was opened. Send `POST /auth/login` once more, with another password of your own as `new_password`: it replaces the temporary one, and signs in.',
  },
  password_hook_unavailable: {
    status: 503,
    title: 'The password cannot be checked at the moment',
    help: 'The system that people come from (`PASSWORD_HOOK_URL`) does not answer as it should; the log says why. Try again after `Retry-After` seconds.',
  },
} as const satisfies ErrorTypes;
