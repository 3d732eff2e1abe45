import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** The client's address, by the peer or the trusted proxies; `unknown` where a proxy forwards something else. */
export function clientAddressOf(request: FastifyRequest): string {
  const { ip } = request;
  return isIP(ip) ? ip : 'unknown';
}
