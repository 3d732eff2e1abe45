import type { FastifyRequest } from 'fastify';
import type { AppError, ErrorCode } from '../../common/errors.js';
import { SIGNATURE_ALGORITHMS } from '../../common/public-key.js';
import { usesDpop } from './bearer.js';

// RFC 6750 3.1: a challenge names an error only where a token was presented.
const FAULTS: Partial<Record<ErrorCode, string>> = {
  token_missing: '',
  token_invalid: 'error="invalid_token"',
  token_revoked: 'error="invalid_token", error_description="revoked"',
  token_bound: 'error="invalid_token", error_description="bound to a key"',
  invalid_dpop_proof: 'error="invalid_dpop_proof"',
  use_dpop_nonce: 'error="use_dpop_nonce"',
};
const OF_DPOP = new Set<ErrorCode>(['token_bound', 'invalid_dpop_proof', 'use_dpop_nonce']);
const ALGORITHMS = `algs="${SIGNATURE_ALGORITHMS.join(' ')}"`;

/** The challenge that goes with a refusal by 401, in the scheme that the caller used or has to use (RFC 9449 7.1). */
export function challengeOf(
  { code, status }: Pick<AppError, 'code' | 'status'>,
  headers: FastifyRequest['headers'],
): string | null {
  // RFC 6749 5.2: required where a client tried by this scheme, and a hint to every other.
  if (code === 'invalid_client') return 'Basic realm="countersign"';
  const fault = FAULTS[code];
  if (fault === undefined || status !== 401) return null;
  if (OF_DPOP.has(code) || usesDpop(headers)) return `DPoP ${fault}${fault && ', '}${ALGORITHMS}`;
  return fault ? `Bearer ${fault}` : 'Bearer';
}
