import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * Returns the client's address, from the connection or from trusted proxies; `unknown` where a proxy forwards another
 * text.
 */
export function clientAddressOf(request: FastifyRequest): string {
  const { ip } = request;
  return isIP(ip) ? ip : 'unknown';
}
