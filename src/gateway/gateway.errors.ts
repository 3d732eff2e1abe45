import type { ErrorTypes } from '../common/errors.js';

export const GATEWAY_ERRORS = {
  no_verdict: {
    status: 403,
    title: 'There is no verdict on this request',
    help: 'For a gateway: its query is malformed, or no verdict can be given at the moment. See `detail` and `docs/gateways.md`.',
  },
} as const satisfies ErrorTypes;
