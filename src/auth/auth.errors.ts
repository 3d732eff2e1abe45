import type { ErrorTypes } from '../common/errors.js';

export const AUTH_ERRORS = {
  insufficient_user_authentication: {
    status: 401,
    title: 'A more recent sign-in is needed',
    help: 'The sign-in must be at most 10 minutes old here (RFC 9470 3); a refresh does not renew it. Sign in again, or send the password as `current_password` in the body.',
  },
  invalid_credentials: {
    status: 401,
    title: 'The e-mail address or the password is wrong',
    help: 'The answer is the same for an unknown address, a wrong password and a disabled account.',
  },
  mfa_required: {
    status: 401,
    title: 'A second factor is needed',
    help: 'The password is right, and nothing was opened. Send `mfa_token` of this answer with a code to `POST /auth/mfa/{method}`, one of `methods`, within `expires_in` seconds.',
  },
  mfa_token_invalid: {
    status: 401,
    title: 'The sign-in that this factor belongs to is not valid any more',
    help: 'The token of `mfa_required` works once, for a few minutes, in the browser or with the DPoP key of the first step. Sign in again.',
  },
  second_factor_invalid: {
    status: 400,
    title: 'The code is wrong, or was used before',
    help: 'Type the code that the app shows now; each works once. The clock of the phone must be right. Or use a recovery code: `POST /auth/mfa/recovery-code`.',
  },
  email_not_verified: {
    status: 403,
    title: 'The address has not been verified',
    help: 'Nothing was opened or changed; at a login, the password is right. Open the link of the mail that came after registration; `POST /auth/email/verification` sends another one.',
  },
  registration_closed: {
    status: 403,
    title: 'Registration is closed',
    help: 'An administrator creates accounts here (`REGISTRATION=closed`).',
  },
} as const satisfies ErrorTypes;
