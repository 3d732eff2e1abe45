import type { AppError, ErrorCode } from '../../common/errors.js';
import type { ErrorFormat } from '../../platform/http/problems/problem.filter.js';

/** The codes that RFC 6749 5.2 and its extensions define under the same names. */
const STANDARD = new Set<ErrorCode>([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_token_type',
  'invalid_scope',
  'invalid_target',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'unsupported_response_type',
  'access_denied',
  'login_required',
  'consent_required',
  'request_not_supported',
  'request_uri_not_supported',
]);

// RFC 6749 5.2: %x20-21 / %x23-5B / %x5D-7E.
const FORBIDDEN = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

/**
 * Converts an error to the form of RFC 6749 5.2. For codes that it does not define, the status decides between the
 * client's and the server's fault.
 */
export function oauthErrorOf(error: AppError): { error: string; error_description: string } {
  const faults = error.errors?.map(({ message }) => message) ?? [];
  const description = [error.message, error.detail, ...faults].filter(Boolean).join(': ');
  return { error: nameOf(error), error_description: description.replace(FORBIDDEN, "'") };
}

/** The format in which the endpoints of RFC 6749 write their errors. */
export const OAUTH_ERROR: ErrorFormat = {
  mediaType: 'application/json',
  write: (error) => JSON.stringify(oauthErrorOf(error)),
};

/** The codes of RFC 6750 3.1, for endpoints where a client sends an access token. */
const OF_TOKENS = new Set<ErrorCode>(['token_missing', 'token_invalid', 'token_revoked', 'token_bound']);

function nameOf({ code, status }: AppError): string {
  if (OF_TOKENS.has(code)) return 'invalid_token';
  if (code === 'forbidden') return 'insufficient_scope';
  if (STANDARD.has(code)) return code;
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}
