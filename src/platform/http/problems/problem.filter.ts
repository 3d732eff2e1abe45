import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../../../common/errors.js';
import { isConnectionFailure } from '../../database/data-source.js';
import { noteRefusal } from '../request/request-log.js';

// Refusals of Fastify and Nest before a route runs are errors with a status.
const STATUS_CODES: Record<number, ErrorCode> = {
  400: 'invalid_request',
  // The status of the file server for a path that leads out of its folder.
  403: 'not_found',
  404: 'not_found',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
};

/** The way in which routes write an error: the media type and the body. */
export interface ErrorFormat {
  readonly mediaType: string;
  readonly write: (error: AppError, requestId: string, publicUrl: string) => string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The way in which the route writes its errors; problems by default. */
    errorFormat?: ErrorFormat;
  }
}

/** Problem details (RFC 9457). */
const PROBLEM: ErrorFormat = {
  mediaType: 'application/problem+json',
  write: (error, requestId, publicUrl) => JSON.stringify(problemOf(error, requestId, publicUrl)),
};

/** Makes the challenge for a refusal and the headers of its request (RFC 9110 11.6.1); null where there is none. */
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
    reportFailure(this.logger, error, request.id);
    sendError(reply, error, this.publicUrl, this.challengeOf(error, request.headers));
  }
}

/** Writes the cause of a failure of ours to the log; a refusal has its line with the request. */
export function reportFailure(logger: Logger, error: AppError, requestId: string): void {
  if (error.status < 500) return;
  const level = error.code === 'internal' ? 'error' : 'warn';
  logger[level]({ event: error.code, request_id: requestId, err: error.cause ?? error });
}

/** Answers with an error, in the format that the route declares. */
export function sendError(reply: FastifyReply, error: AppError, publicUrl: string, challenge: string | null): void {
  noteRefusal(reply.request, error);
  const { errorFormat = PROBLEM } = reply.request.routeOptions.config;
  void reply
    .code(error.status)
    .headers(problemHeadersOf(error, challenge))
    .header('Content-Type', errorFormat.mediaType)
    .send(errorFormat.write(error, reply.request.id, publicUrl));
}

/** Returns the headers of a problem: its media type, the challenge and the time to wait. */
export function problemHeadersOf(error: AppError, challenge: string | null): Record<string, string> {
  const { allow, dpopNonce, retryAfterSeconds } = error;
  return {
    ...(challenge && { 'WWW-Authenticate': challenge }),
    ...(allow !== undefined && { Allow: allow }),
    ...(dpopNonce !== undefined && { 'DPoP-Nonce': dpopNonce }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    'Content-Type': PROBLEM.mediaType,
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
    ...error.members,
    request_id: requestId,
  };
}

/** Converts every error to an `AppError`; an unknown one becomes `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isConnectionFailure(thrown)) return new AppError('unavailable', { cause: thrown, retryAfterSeconds: 2 });
  // The client has closed the connection; nobody reads the answer.
  if (thrown instanceof DOMException && thrown.name === 'AbortError')
    return new AppError('request_timeout', { cause: thrown });
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: number } | null)?.statusCode;
  return new AppError(STATUS_CODES[status ?? 500] ?? 'internal', { cause: thrown });
}
