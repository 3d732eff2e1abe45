import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { clientAddressOf } from './client-address.js';
import type { Principal } from '../../common/principal.js';
import { asksForVerdict } from '../../common/verdict-path.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * One line for every request that changed something or failed; successful reads only at `debug`. The route's pattern is
 * logged, never the URL: a URL may carry what is nobody's business.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  const debug = logger.isLevelEnabled('debug');
  // Its fields are the few below, none of them a secret; searching them for secrets would cost more than the line.
  const lines = logger.child({}, { redact: [] });
  fastify.addHook('onResponse', (request: FastifyRequest, reply, done) => {
    const { statusCode } = reply;
    const read = statusCode < 400 && (SAFE_METHODS.has(request.method) || asksForVerdict(request.url));
    if (read && !debug) return done();
    const level = read ? 'debug' : statusCode >= 500 ? 'error' : 'info';
    const { user } = request as FastifyRequest & { user?: Partial<Principal> & { id?: string } };
    const route = request.routeOptions.url ?? 'unknown';
    lines[level](
      {
        event: 'request',
        request_id: request.id,
        method: request.method,
        route,
        status: statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        address: clientAddressOf(request),
        ...(user && { user_id: user.subject ?? user.id }),
      },
      `${request.method} ${route} ${statusCode}`,
    );
    done();
  });
}
