import type { ErrorTypes } from '../common/errors.js';

export const SHARED_SIGNALS_ERRORS = {
  too_many_streams: {
    status: 409,
    title: 'There are as many streams of shared signals as there may be',
    help: 'Delete a stream that is not needed any more.',
  },
} as const satisfies ErrorTypes;
