import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Config } from '../config/config.js';
import { BODY_LIMIT } from './request/body-types.js';
import { requestId } from './request/request-id.js';
import { answerUnreadable, answerUnroutable, type RefusalAt } from './request/unreadable.js';

/** Creates Fastify with its limits: 64 kB of body, 16 kB of header, and 25 s for the whole request to arrive. */
export function createAdapter(config: Config, refusalAt: RefusalAt): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    genReqId: requestId as (request: unknown) => string,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 25_000,
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: 20_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
      // Node would refuse it with an answer of its own; see `refuseAmbiguous`.
      requireHostHeader: false,
    },
    clientErrorHandler: answerUnreadable(config, refusalAt),
    frameworkErrors: answerUnroutable(config, refusalAt),
    // Requests that are under way when the service stops are still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
  });
}
