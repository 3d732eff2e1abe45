import type { ErrorTypes } from '../../common/errors.js';

export const HTTP_ERRORS = {
  malformed_json: {
    status: 400,
    title: 'The body is not valid JSON',
    help: 'Send one UTF-8 encoded JSON object in which no member is repeated, and none is named `__proto__` or `prototype`: 16 deep, 4,000 values and names of 128 characters at most.',
  },
  duplicate_header: {
    status: 400,
    title: 'The request has a header twice that may occur once',
    help: 'Send exactly one Host header (RFC 9112 3.2) and at most one Authorization header (RFC 9110 11.6.2).',
  },
  csrf_refused: {
    status: 403,
    title: 'The request may come from a page of another site',
    help: 'Requests with a session cookie that change something must come from a page of this origin or of one in `CORS_ORIGINS`, and send JSON. See `detail` and `docs/browsers.md`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This path has no such method',
    help: '`Allow` names the methods that it has.',
  },
  request_timeout: { status: 408, title: 'The request took too long to arrive', help: 'Send it again, faster.' },
  body_too_large: { status: 413, title: 'The body is too large', help: 'Bodies are limited to 64 kB.' },
  uri_too_long: { status: 414, title: 'The URL is too long', help: 'Path parameters are limited to 100 characters.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body has another media type than is read here',
    help: 'Send `Content-Type: application/json`; to `/oauth`, `application/x-www-form-urlencoded`.',
  },
  header_too_large: { status: 431, title: 'The request header is too large', help: 'Headers are limited to 16 kB.' },
} as const satisfies ErrorTypes;
