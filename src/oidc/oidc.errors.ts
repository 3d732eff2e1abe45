import type { ErrorTypes } from '../common/errors.js';

export const OIDC_ERRORS = {
  interaction_invalid: {
    status: 400,
    title: 'This sign-in has ended, or began in another browser',
    help: 'Go back to the application and sign in there once more. A sign-in takes half an hour at most, and stays in the browser in which it began.',
  },
  form_refused: {
    status: 403,
    title: 'The form does not come from this page',
    help: 'Open the page again, and send its form.',
  },
} as const satisfies ErrorTypes;
