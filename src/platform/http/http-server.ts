import { randomBytes } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../../common/errors.js';
import type { Config } from '../config/config.js';
import { problemOf } from './problem.filter.js';

const BODY_LIMIT = 64 * 1024;
const INBOUND_REQUEST_ID = /^[\w-]{8,64}$/;

const instance = randomBytes(4).toString('base64url');
let requests = 0;

/** The caller's id where it has a sound form, so that one id follows a request through several services. */
function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const inbound = request.headers['x-request-id'];
  if (typeof inbound === 'string' && INBOUND_REQUEST_ID.test(inbound)) return inbound;
  return `${instance}-${(++requests).toString(36)}`;
}

/** What cannot be read as HTTP at all gets a problem too, and its connection is closed. */
const answerUnreadable = (publicUrl: string) => (error: Error & { code?: string }, socket: Socket) => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = new AppError(UNREADABLE[error.code ?? ''] ?? 'invalid_request');
  const body = JSON.stringify(problemOf(problem, requestId({ headers: {} }), publicUrl));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: application/problem+json\r\n` +
      `Cache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};

const UNREADABLE: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'header_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Fastify with its limits: 64 kB of body, 16 kB of header, and a request that arrives whole within 25 s. */
export function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    genReqId: requestId as (request: unknown) => string,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 25_000,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 20_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
    clientErrorHandler: answerUnreadable(config.publicUrl),
    // What is already under way when the service stops is still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
  });
}

// RFC 9112 3.2: a server refuses a message with more than one Host; Node's parser silently takes the first.
function refuseDuplicateHost(request: FastifyRequest): void {
  const raw = request.raw.rawHeaders;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.length === 4 && raw[i]!.toLowerCase() === 'host') hosts++;
  if (hosts > 1) throw new AppError('duplicate_host');
}

/** JSON is the one media type of bodies; an empty body is no body, as many clients send with DELETE. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    (request, body, done) => {
      if (body === '') return done(null, undefined);
      void parse(request, body as string, (cause, value) => {
        done(cause ? new AppError('malformed_json', { cause }) : null, value);
      });
    },
  );
}

/** Sets the headers that every answer carries; a route may override them. */
export function addHeaders(fastify: FastifyInstance, config: Config): void {
  const headers: Record<string, string> = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
  };
  if (config.publicUrl.startsWith('https:')) {
    headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains';
  }
  fastify.addHook('onRequest', (request, reply: FastifyReply, done) => {
    reply.headers(headers).header('X-Request-Id', request.id);
    refuseDuplicateHost(request);
    done();
  });
}
