import type { ErrorTypes } from '../../common/errors.js';

export const RATE_LIMIT_ERRORS = {
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    help: 'Wait for the seconds in `Retry-After`; the wait grows with every further failure.',
  },
} as const satisfies ErrorTypes;
