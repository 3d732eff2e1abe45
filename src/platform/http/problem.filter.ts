import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { isConnectionFailure } from '../database/data-source.js';
import { noteRefusal } from './request-log.js';
import { isOAuthRoute, oauthErrorOf } from './oauth-error.js';

// What Fastify and Nest refuse before a route runs comes as an error with a status.
const STATUS_CODES: Record<number, ErrorCode> = {
  400: 'invalid_request',
  // The file server's word for a path that climbs out of its folder.
  403: 'not_found',
  404: 'not_found',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
};

/** Makes the challenge of a refusal from it and the header of its request (RFC 9110 11.6.1); null where there is none. */
export type Challenge = (error: AppError, request: IncomingHttpHeaders) => string | null;

/** Renders every error: code and title for the caller, the cause for the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(
    private readonly publicUrl: string,
    private readonly challengeOf: Challenge,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(thrown);
    if (error.status >= 500) {
      const level = error.code === 'internal' ? 'error' : 'warn';
      this.logger[level]({ event: error.code, request_id: request.id, err: error.cause ?? error });
    }
    sendProblem(reply, error, this.publicUrl, this.challengeOf(error, request.headers));
  }
}

/** Answers with a problem (RFC 9457), or with an error of RFC 6749 5.2 where OAuth is spoken. */
export function sendProblem(reply: FastifyReply, error: AppError, publicUrl: string, challenge: string | null): void {
  noteRefusal(reply.request, error);
  const asOAuth = isOAuthRoute(reply.request);
  void reply
    .code(error.status)
    .headers(problemHeadersOf(error, challenge))
    .header('Content-Type', asOAuth ? 'application/json' : 'application/problem+json')
    .send(JSON.stringify(asOAuth ? oauthErrorOf(error) : problemOf(error, reply.request.id, publicUrl)));
}

/** The challenge and the time to wait that go with an error, and what a problem is sent as. */
export function problemHeadersOf(error: AppError, challenge: string | null): Record<string, string> {
  const { allow, dpopNonce, retryAfterSeconds } = error;
  return {
    ...(challenge && { 'WWW-Authenticate': challenge }),
    ...(allow !== undefined && { Allow: allow }),
    ...(dpopNonce !== undefined && { 'DPoP-Nonce': dpopNonce }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  };
}

export function problemOf(error: AppError, requestId: string, publicUrl: string) {
  return {
    type: `${publicUrl}/problems/${error.code}`,
    title: error.message,
    status: error.status,
    code: error.code,
    ...(error.detail && { detail: error.detail }),
    ...(error.errors && { errors: error.errors }),
    request_id: requestId,
  };
}

/** Every error as one of ours; what is unknown is `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isConnectionFailure(thrown)) return new AppError('unavailable', { cause: thrown, retryAfterSeconds: 2 });
  // Whoever asked has hung up; nobody reads the answer.
  if (thrown instanceof DOMException && thrown.name === 'AbortError')
    return new AppError('request_timeout', { cause: thrown });
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: number } | null)?.statusCode;
  return new AppError(STATUS_CODES[status ?? 500] ?? 'internal', { cause: thrown });
}
