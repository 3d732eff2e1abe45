import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../../../common/errors.js';
import type { Config } from '../../config/config.js';
import { commonHeaders, isClosing } from '../common-headers.js';
import { problemOf, toAppError } from '../problems/problem.filter.js';
import { requestId } from './request-id.js';

const PARSER_CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'header_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** The error of Node's parser, with the bytes that it read last. */
type Unreadable = Error & { code?: string; rawPacket?: unknown };

/** Returns the error that answers a request which reaches no route. Only its target is known. */
export type RefusalAt = (target: string, error: AppError) => AppError;

/** Answers bytes that are not HTTP with a problem too, and closes the connection. */
export const answerUnreadable = (config: Config, refusalAt: RefusalAt) => (error: Unreadable, socket: Socket) => {
  // Bytes after the last request of a connection are not read (RFC 9112 9.6): that request has its answer, or gets it.
  if (error.code === 'HPE_CLOSED_CONNECTION' || isClosing(socket)) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [, target = ''] =
    /^\S+ (\S+)/.exec(error.rawPacket instanceof Buffer ? error.rawPacket.toString('latin1') : '') ?? [];
  const problem = refusalAt(target, new AppError(PARSER_CODES[error.code ?? ''] ?? 'invalid_request'));
  const id = requestId({ headers: {} });
  const body = JSON.stringify(problemOf(problem, id, config.publicUrl));
  const headers = {
    ...commonHeaders(config),
    'X-Request-Id': id,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
};

/**
 * Answers requests that the router refuses before any hook or filter runs: a URL that cannot be decoded, a parameter
 * that is too long.
 */
export const answerUnroutable =
  (config: Config, refusalAt: RefusalAt) => (thrown: Error, request: FastifyRequest, reply: FastifyReply) => {
    const error = refusalAt(request.originalUrl, new AppError(toAppError(thrown).code));
    void reply
      .code(error.status)
      .headers({ ...commonHeaders(config), 'X-Request-Id': request.id, 'Content-Type': 'application/problem+json' })
      .send(JSON.stringify(problemOf(error, request.id, config.publicUrl)));
  };
