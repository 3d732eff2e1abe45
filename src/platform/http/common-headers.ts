import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import type { Config } from '../config/config.js';

/** What every answer carries; a route may override it. */
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
    refuseAmbiguous(request);
    done();
  });
}

// Node's parser silently takes the first of several; a proxy in front may have judged by another one. HTTP/1.0 knows no Host.
function refuseAmbiguous(request: FastifyRequest): void {
  const raw = request.raw.rawHeaders;
  let hosts = 0;
  let authorizations = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++;
  }
  if (hosts > 1 || (hosts === 0 && request.raw.httpVersion === '1.1') || authorizations > 1)
    throw new AppError('duplicate_header');
}
