import type { ErrorTypes } from '../common/errors.js';

export const KEYS_ERRORS = {
  keys_not_rotatable: {
    status: 409,
    title: 'Signing keys cannot be rotated with HS256',
    help: 'With `JWT_ALG=HS256` the key is `JWT_SECRET`; change that setting and restart.',
  },
} as const satisfies ErrorTypes;
