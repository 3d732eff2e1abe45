import { TokenError, VerifierUnavailableError } from '../errors.js';

/** The answer to a request that is not let through: a problem (RFC 9457) with a challenge (RFC 6750 3). */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly title: string; readonly status: number; readonly code: string; readonly detail: string };
}

const TITLES = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;
const RETRY_AFTER_SECONDS = '1';

function challengeOf({ code, message }: TokenError, status: 401 | 403): string {
  // RFC 6750 3: a challenge has at least one attribute. 3.1: it names an error only where a token was sent.
  const challenge = 'Bearer realm="countersign"';
  if (code === 'token_missing') return challenge;
  const error = status === 403 ? 'insufficient_scope' : 'invalid_token';
  return `${challenge}, error="${error}", error_description="${message}"`;
}

function refusal(status: keyof typeof TITLES, code: string, detail: string, headers: Refusal['headers']): Refusal {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body: { title: TITLES[status], status, code, detail },
  };
}

/** How an error of the verifier is answered; null for every other error. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof VerifierUnavailableError) {
    const detail = 'Access tokens cannot be verified at the moment';
    return refusal(503, 'unavailable', detail, { 'Retry-After': RETRY_AFTER_SECONDS });
  }
  if (!(error instanceof TokenError)) return null;
  const status = error.code.startsWith('insufficient_') ? 403 : 401;
  return refusal(status, error.code, error.message, { 'WWW-Authenticate': challengeOf(error, status) });
}
