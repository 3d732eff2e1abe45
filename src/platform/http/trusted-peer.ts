import { BlockList, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config/config.js';

/** How many addresses are remembered. There are few proxies, and they send many requests. */
const REMEMBERED = 100;

/**
 * Returns a function that tells whether a request comes from a trusted proxy, whose forwarding headers count
 * (`TRUSTED_PROXIES`).
 */
export function trustedPeers({ trustedProxies }: Config): (request: FastifyRequest) => boolean {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address, bits] = network.split('/') as [string, string?];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, bits ? Number(bits) : family === 'ipv6' ? 128 : 32, family);
  }
  const known = new LRUCache<string, boolean>({
    max: REMEMBERED,
    memoMethod: (peer) => trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4'),
  });
  return ({ socket: { remoteAddress: peer } }) => peer !== undefined && known.memo(peer);
}
