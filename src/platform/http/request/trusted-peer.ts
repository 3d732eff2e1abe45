import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { blockListOf } from '../../../common/network.js';
import type { Config } from '../../config/config.js';

/** How many addresses are remembered. There are few proxies, and they send many requests. */
const REMEMBERED = 100;

/**
 * Returns a function that tells whether a request comes from a trusted proxy, whose forwarding headers count
 * (`TRUSTED_PROXIES`).
 */
export function trustedPeers({ trustedProxies }: Config): (request: FastifyRequest) => boolean {
  const trusted = blockListOf(trustedProxies);
  const known = new LRUCache<string, boolean>({
    max: REMEMBERED,
    memoMethod: (peer) => trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4'),
  });
  return ({ socket: { remoteAddress: peer } }) => peer !== undefined && known.memo(peer);
}
