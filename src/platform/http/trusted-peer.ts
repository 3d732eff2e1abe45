import { BlockList, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';

/** Tells whether a request comes from a proxy whose forwarding headers are believed (`TRUSTED_PROXIES`). */
export function trustedPeers({ trustedProxies }: Config): (request: FastifyRequest) => boolean {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address, bits] = network.split('/') as [string, string?];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, bits ? Number(bits) : family === 'ipv6' ? 128 : 32, family);
  }
  return ({ socket: { remoteAddress: peer } }) =>
    peer !== undefined && trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4');
}
