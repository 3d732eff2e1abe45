import type { AppError } from '../../common/errors.js';
import { oauthErrorOf } from '../protocol/oauth-error.js';
import type { AnswerTarget } from './authorization-request.js';

/** An answer to an authorization request, for the client. */
export interface AuthorizationAnswer {
  readonly target: AnswerTarget;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Makes an answer. It names the issuer, against mix-up (RFC 9207 2). */
function answerOf(target: AnswerTarget, parameters: Record<string, string>, issuer: string): AuthorizationAnswer {
  const { state } = target;
  return { target, parameters: { ...parameters, ...(state !== null && { state }), iss: issuer } };
}

export const codeAnswer = (target: AnswerTarget, code: string, issuer: string): AuthorizationAnswer =>
  answerOf(target, { code }, issuer);

export const errorAnswer = (target: AnswerTarget, error: AppError, issuer: string): AuthorizationAnswer =>
  answerOf(target, oauthErrorOf(error), issuer);

/** Returns the URL of an answer by the mode `query`. A query that the URI has already is kept (RFC 6749 3.1.2). */
export function answerUrlOf({ target: { redirectUri }, parameters }: AuthorizationAnswer): string {
  const separator = !redirectUri.includes('?') ? '?' : redirectUri.endsWith('?') ? '' : '&';
  return `${redirectUri}${separator}${new URLSearchParams(parameters).toString()}`;
}
