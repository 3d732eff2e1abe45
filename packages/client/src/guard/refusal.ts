import { PROOF_ALGORITHMS } from '../dpop/proof-key.js';
import { TokenError, VerifierUnavailableError, type TokenErrorCode } from '../errors.js';
import type { Verifier } from '../index.js';
import { usesDpop } from './credentials.js';

/** The answer to a request that is refused: a problem (RFC 9457) with a challenge (RFC 6750 3, RFC 9449 7.1). */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly title: string; readonly status: number; readonly code: string; readonly detail: string };
}

const TITLES = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;
export const PROBLEM = 'application/problem+json';
const RETRY_AFTER_SECONDS = '1';
const OF_DPOP = new Set<TokenErrorCode>(['token_bound', 'token_unbound', 'invalid_dpop_proof']);
const ALGORITHMS = `algs="${PROOF_ALGORITHMS.join(' ')}"`;

function errorOf(code: TokenErrorCode, status: 401 | 403): string {
  if (code === 'invalid_dpop_proof') return code;
  return status === 403 ? 'insufficient_scope' : 'invalid_token';
}

function challengeOf({ code, message }: TokenError, status: 401 | 403, isDpop: boolean, metadataUrl?: string): string {
  // RFC 6750 3: a challenge has at least one attribute.
  const attributes = ['realm="countersign"'];
  // 3.1: a challenge names an error only where a token was sent.
  if (code !== 'token_missing') attributes.push(`error="${errorOf(code, status)}"`, `error_description="${message}"`);
  if (isDpop) attributes.push(ALGORITHMS);
  // RFC 9728 5.1: the metadata tells the client who issues tokens for us.
  if (metadataUrl !== undefined && status === 401) attributes.push(`resource_metadata="${metadataUrl}"`);
  return `${isDpop ? 'DPoP' : 'Bearer'} ${attributes.join(', ')}`;
}

function refusal(status: keyof typeof TITLES, code: string, detail: string, headers: Refusal['headers']): Refusal {
  return {
    status,
    headers: { 'Content-Type': PROBLEM, 'Cache-Control': 'no-store', ...headers },
    body: { title: TITLES[status], status, code, detail },
  };
}

/** Returns the answer to an error of the verifier; null for every other error. */
export function refusalOf(
  error: unknown,
  rawHeaders: readonly string[] = [],
  resource: Verifier['protectedResource'] = null,
): Refusal | null {
  if (error instanceof VerifierUnavailableError) {
    const detail = 'Access tokens cannot be verified at the moment';
    return refusal(503, 'unavailable', detail, { 'Retry-After': RETRY_AFTER_SECONDS });
  }
  if (!(error instanceof TokenError)) return null;
  const status = error.code.startsWith('insufficient_') ? 403 : 401;
  const isDpop = OF_DPOP.has(error.code) || usesDpop(rawHeaders);
  return refusal(status, error.code, error.message, {
    'WWW-Authenticate': challengeOf(error, status, isDpop, resource?.metadataUrl),
  });
}
