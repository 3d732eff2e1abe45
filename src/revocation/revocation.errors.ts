import type { ErrorTypes } from '../common/errors.js';

export const REVOCATION_ERRORS = {
  token_revoked: {
    status: 401,
    title: 'The access token has been revoked',
    help: 'Refresh it: where only roles have changed, that brings a new one. Where its session has ended (logout, password change, or an administrator), sign in again.',
  },
} as const satisfies ErrorTypes;
