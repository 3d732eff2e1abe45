import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../../common/errors.js';
import { isConnectionFailure } from '../database/data-source.js';

// Fastify refuses these before any route runs.
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
};
const STATUS_CODES: Record<number, ErrorCode> = {
  400: 'invalid_request',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  431: 'header_too_large',
};
// RFC 6750 3.1: a challenge names an error only where a token was presented.
const CHALLENGES: Partial<Record<ErrorCode, string>> = {
  token_missing: 'Bearer',
  token_invalid: 'Bearer error="invalid_token"',
  token_revoked: 'Bearer error="invalid_token", error_description="revoked"',
};

/** Renders every error as a problem (RFC 9457): code and title for the caller, the cause for the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  constructor(private readonly publicUrl: string) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(thrown);
    if (error.status >= 500) {
      const level = error.code === 'internal' ? 'error' : 'warn';
      this.logger[level]({ event: error.code, request_id: request.id, err: error.cause ?? error });
    }
    const challenge = CHALLENGES[error.code];
    if (challenge) reply.header('WWW-Authenticate', challenge);
    if (error.retryAfterSeconds !== undefined) reply.header('Retry-After', String(error.retryAfterSeconds));
    void reply
      .code(error.status)
      .header('Content-Type', 'application/problem+json')
      .header('Cache-Control', 'no-store')
      .send(JSON.stringify(problemOf(error, request.id, this.publicUrl)));
  }
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

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isConnectionFailure(thrown)) return new AppError('unavailable', { cause: thrown, retryAfterSeconds: 2 });
  const { code, statusCode } = (thrown ?? {}) as { code?: string; statusCode?: number };
  const status = thrown instanceof HttpException ? thrown.getStatus() : (statusCode ?? 500);
  const known =
    FASTIFY_CODES[code ?? ''] ??
    (thrown instanceof SyntaxError && status === 400 ? 'malformed_json' : STATUS_CODES[status]);
  return new AppError(known ?? 'internal', { cause: thrown });
}
