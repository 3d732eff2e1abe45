import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { clientAddressOf } from './client-address.js';
import type { AppError } from '../../../common/errors.js';
import type { Principal } from '../../../common/principal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The requests of the route change nothing, by whatever method they come. */
    changesNothing?: boolean;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why requests were refused, for their lines of the log. */
const refusals = new WeakMap<FastifyRequest, AppError>();

/** Adds the reason of a refusal to the log line of the request. */
export const noteRefusal = (request: FastifyRequest, error: AppError): void => void refusals.set(request, error);

/**
 * Returns the fields of a refusal in the log. `detail` is the text for the caller, which for some refusals is the whole
 * reason.
 */
export function refusalFields({ code, reason, detail }: AppError): { code: string; reason?: string } {
  const why = reason ?? detail;
  return { code, ...(why !== undefined && { reason: why }) };
}

/**
 * Logs one line for every request that changed something or failed; successful reads only at `debug`. The line has the
 * route's pattern, never the URL, which may contain private data.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  const debug = logger.isLevelEnabled('debug');
  // The line has only the fields below, none of them a secret; redaction would cost more than the line itself.
  const lines = logger.child({}, { redact: [] });
  fastify.addHook('onResponse', (request: FastifyRequest, reply, done) => {
    const { statusCode } = reply;
    // Fastify creates the options again each time that they are read.
    const options = SAFE_METHODS.has(request.method) ? null : request.routeOptions;
    const asks = options === null || options.config.changesNothing === true;
    const refusal = asks && statusCode < 300 ? undefined : refusals.get(request);
    const read = asks && statusCode < 400 && !refusal;
    if (read && !debug) return done();
    const level = read ? 'debug' : statusCode >= 500 ? 'error' : 'info';
    const { user } = request as FastifyRequest & { user?: Partial<Principal> & { id?: string } };
    const route = (options ?? request.routeOptions).url ?? 'unknown';
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
        ...(refusal && refusalFields(refusal)),
      },
      `${request.method} ${route} ${statusCode}`,
    );
    done();
  });
}
