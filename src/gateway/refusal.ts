import { AppError } from '../common/errors.js';
import type { Config } from '../platform/config/config.js';
import { toAppError } from '../platform/http/problems/problem.filter.js';
import { isNavigation, signInLocation, type ClientRequest } from './client-request.js';
import { asksForVerdict } from './verdict-path.js';

/**
 * Converts an error to a refusal: 401 for a faulty credential, 403 where it does not suffice or we cannot know.
 * Gateways understand no other refusal.
 */
export function refusalOf(thrown: unknown): AppError {
  const error = toAppError(thrown);
  if (error.status === 401 || error.status === 403) return error;
  const { retryAfterSeconds } = error;
  return new AppError('no_verdict', { detail: error.message, cause: error.cause ?? error, retryAfterSeconds });
}

/**
 * Returns the error for a request that could not be parsed or routed: {@link refusalOf} where its target asks for a
 * verdict.
 */
export const refusalAt = (target: string, error: AppError): AppError =>
  asksForVerdict(target) ? refusalOf(error) : error;

/**
 * Returns the sign-in URL to which a browser that opens a page is redirected instead of a 401; else null. For gateways
 * that require it.
 */
export function signInInstead({ status }: AppError, request: ClientRequest, { signInUrl }: Config): string | null {
  if (status !== 401 || !signInUrl || !isNavigation(request)) return null;
  return signInLocation(signInUrl, request);
}
