import { AppError } from '../common/errors.js';
import type { Config } from '../platform/config/config.js';
import { toAppError } from '../platform/http/problem.filter.js';
import { isNavigation, signInLocation, type ClientRequest } from './client-request.js';
import { asksForVerdict } from './verdict-path.js';

/** 401 where the credential is at fault, 403 where it does not suffice or we cannot know: gateways know no other refusal. */
export function refusalOf(thrown: unknown): AppError {
  const error = toAppError(thrown);
  if (error.status === 401 || error.status === 403) return error;
  const { retryAfterSeconds } = error;
  return new AppError('no_verdict', { detail: error.message, cause: error.cause ?? error, retryAfterSeconds });
}

/** The refusal of what could not be read or routed, by its target. {@link refusalOf} where that asks for a verdict. */
export const refusalAt = (target: string, error: AppError): AppError =>
  asksForVerdict(target) ? refusalOf(error) : error;

/** Where a browser that opens a page is sent instead of hearing 401; else null. For gateways that ask for that. */
export function signInInstead({ status }: AppError, request: ClientRequest, { signInUrl }: Config): string | null {
  if (status !== 401 || !signInUrl || !isNavigation(request)) return null;
  return signInLocation(signInUrl, request);
}
