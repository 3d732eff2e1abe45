import type { ErrorTypes } from '../common/errors.js';

export const ACCOUNTS_ERRORS = {
  link_invalid: {
    status: 400,
    title: 'The link is not valid',
    help: 'Take the whole link of the newest mail, or ask for another mail. A link opens nothing but what its mail names, and nothing once the address or the password of the account has changed.',
  },
  link_used: {
    status: 410,
    title: 'The link was used already',
    help: 'Each link works once, and a newer sign of who you are makes the older ones worthless. Ask for another mail.',
  },
  link_expired: {
    status: 410,
    title: 'The link has expired',
    help: 'The mail says how long its link works. Ask for another mail.',
  },
  code_invalid: {
    status: 400,
    title: 'The code is wrong, or no longer works',
    help: 'Type the six digits of the newest mail, or open its link. The answer is the same where no mail was sent.',
  },
  code_locked: {
    status: 403,
    title: 'Too many wrong codes were tried',
    help: 'No code is accepted for this address for up to a day. The link of the same mail still works.',
  },
  already_invited: {
    status: 409,
    title: 'This address is invited already',
    help: 'Send the mail again with `POST /invitations/{id}/resend`, or delete the invitation first. `GET /invitations` lists those that are open.',
  },
} as const satisfies ErrorTypes;
