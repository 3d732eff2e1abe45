import type { ErrorTypes } from './errors.js';

export const COMMON_ERRORS = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    help: 'See `errors` for the fields that were refused and why (20 at most), or `detail`; correct them and send the request again.',
  },
  forbidden: {
    status: 403,
    title: 'The principal is not allowed to do this',
    help: 'The access token is valid but lacks what is asked for: a role, and before a gateway also a scope or an audience. The operator finds in the log which one.',
  },
  not_found: { status: 404, title: 'Nothing is here', help: 'Check the path and the identifier.' },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    help: 'Tell the operator the `request_id`; the log has the cause.',
  },
  overloaded: {
    status: 503,
    title: 'The service is busy',
    help: 'Too many passwords are being checked at once, or too many streams are open. Try again after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    title: 'A dependency of the service is away',
    help: 'The database, or the server that publishes the keys of a client, cannot be reached at the moment. Try again after `Retry-After` seconds.',
  },
} as const satisfies ErrorTypes;
