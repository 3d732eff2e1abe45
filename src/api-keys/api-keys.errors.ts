import type { ErrorTypes } from '../common/errors.js';

export const API_KEYS_ERRORS = {
  too_many_api_keys: {
    status: 409,
    title: 'There are as many API keys as there may be',
    help: 'A person or a service account has 50 at most. Delete one that is not needed any more.',
  },
} as const satisfies ErrorTypes;
