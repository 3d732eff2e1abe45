import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import type { Config } from '../config/config.js';

/** Returns the headers of every answer. A route may override them. */
export function commonHeaders(config: Config): Record<string, string> {
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    ...(config.publicUrl.startsWith('https:') && {
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    }),
  };
}

export function addCommonHeaders(fastify: FastifyInstance, config: Config): void {
  const headers = commonHeaders(config);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('X-Request-Id', request.id);
    refuseAmbiguous(request, reply);
    done();
  });
}

// RFC 3986 3.2: a name or an address, and a port. Empty where there is no authority (RFC 9112 3.2).
const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])?(?::\d{0,5})?$/i;

/** Connections that are closed after an answer, because the end of the request is ambiguous. */
const closing = new WeakSet<Socket>();

/** Tells whether a connection ends with its current answer. */
export const isClosing = (socket: Socket): boolean => closing.has(socket);

/**
 * Refuses a request that a proxy in front may have parsed in another way. The end and the target of such a request are
 * ambiguous, so its connection is closed too.
 */
function refuseAmbiguous({ raw }: FastifyRequest, reply: FastifyReply): void {
  const fault = ambiguityOf(raw);
  if (!fault) return;
  closing.add(raw.socket);
  reply.header('Connection', 'close');
  throw fault;
}

function ambiguityOf({ rawHeaders: raw, headers, httpVersion }: IncomingMessage): AppError | null {
  // Node's parser silently takes the first of several Host headers.
  let hosts = 0;
  let authorizations = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++;
  }
  // HTTP/1.0 knows no Host, and no Transfer-Encoding (RFC 9112 6.1).
  const isOld = httpVersion === '1.0';
  if (hosts > 1 || (hosts === 0 && !isOld) || authorizations > 1) return new AppError('duplicate_header');
  if (!isOld && httpVersion !== '1.1') return new AppError('invalid_request', { detail: 'HTTP/1.1 is spoken here' });
  const { host = '', 'transfer-encoding': encoding } = headers;
  if (!HOST.test(host)) return new AppError('invalid_request', { detail: 'Host is not one (RFC 9110 7.2)' });
  // The parser itself refuses an encoding that does not end in chunked.
  if (encoding !== undefined && (isOld || /,\s*chunked$/i.test(encoding)))
    return new AppError('invalid_request', { detail: 'chunked is the one transfer coding, of HTTP/1.1' });
  return null;
}
