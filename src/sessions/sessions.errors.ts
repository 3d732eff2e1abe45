import type { ErrorTypes } from '../common/errors.js';

export const SESSIONS_ERRORS = {
  refresh_token_invalid: {
    status: 401,
    title: 'The refresh token is not valid',
    help: 'It is malformed, expired, or its session has ended. Sign in again.',
  },
  refresh_token_reused: {
    status: 401,
    title: 'The refresh token had been used before; its session has been ended',
    help: 'A refresh token works once. Presenting a used one again is treated as theft (RFC 9700 4.14.2). Sign in again.',
  },
} as const satisfies ErrorTypes;
