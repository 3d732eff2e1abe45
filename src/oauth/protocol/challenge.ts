import type { FastifyRequest } from 'fastify';
import { RECENT_SIGN_IN_SECONDS } from '../../common/access.decorators.js';
import type { AppError, ErrorCode } from '../../common/errors.js';
import { SIGNATURE_ALGORITHMS } from '../../jose/signature.js';
import type { Config } from '../../platform/config/config.js';
import type { Challenge } from '../../platform/http/problems/problem.filter.js';
import { usesDpop } from '../../tokens/bearer.js';

// RFC 6750 3.1: a challenge names an error only where a token was presented.
const FAULTS: Partial<Record<ErrorCode, string>> = {
  token_missing: '',
  token_invalid: 'error="invalid_token"',
  token_revoked: 'error="invalid_token", error_description="revoked"',
  token_bound: 'error="invalid_token", error_description="bound to a key"',
  invalid_dpop_proof: 'error="invalid_dpop_proof"',
  use_dpop_nonce: 'error="use_dpop_nonce"',
  // RFC 9470 3.
  insufficient_user_authentication: `error="insufficient_user_authentication", max_age="${RECENT_SIGN_IN_SECONDS}"`,
};
const OF_DPOP = new Set<ErrorCode>(['token_bound', 'invalid_dpop_proof', 'use_dpop_nonce']);
const ALGORITHMS = `algs="${SIGNATURE_ALGORITHMS.join(' ')}"`;

// RFC 6749 3.3. Other texts that a gateway requires are not repeated in a header.
const SCOPES = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,1000}$/;

/**
 * Returns the challenge for the refusal of a credential, in the scheme that the caller used or has to use
 * (RFC 9449 7.1): with 401, and with 403 where the token lacks a role or scope. `resourceMetadata` is the URL of the
 * metadata of the resource that refuses (RFC 9728 5.1), where it is known.
 */
export function challengeOf(
  { code, status, scopes = [] }: Pick<AppError, 'code' | 'status' | 'scopes'>,
  headers: FastifyRequest['headers'],
  resourceMetadata?: string,
): string | null {
  // RFC 6749 5.2: required where a client used this scheme, and a hint to every other.
  if (code === 'invalid_client') return 'Basic realm="countersign"';
  // A cookie has no scheme in which to challenge.
  const isInsufficient = code === 'forbidden' && headers.authorization !== undefined;
  const fault = isInsufficient ? insufficient(scopes) : FAULTS[code];
  if (fault === undefined || (status !== 401 && !isInsufficient)) return null;
  const isDpop = OF_DPOP.has(code) || usesDpop(headers);
  const metadata = resourceMetadata && `resource_metadata="${resourceMetadata}"`;
  const parameters = [fault, isDpop && ALGORITHMS, metadata].filter(Boolean).join(', ');
  return `${isDpop ? 'DPoP' : 'Bearer'} ${parameters}`.trimEnd();
}

/** Makes the challenges of this service's own API, which name its metadata (RFC 9728 3). */
export function challengesOf({ publicUrl }: Config): Challenge {
  const resourceMetadata = `${publicUrl}/.well-known/oauth-protected-resource`;
  return (error, headers) => challengeOf(error, headers, resourceMetadata);
}

/** Writes the attributes of a refusal for missing scopes, which names the required ones (RFC 6750 3.1). */
function insufficient(scopes: readonly string[]): string {
  const scope = scopes.join(' ');
  return `error="insufficient_scope"${SCOPES.test(scope) ? `, scope="${scope}"` : ''}`;
}
