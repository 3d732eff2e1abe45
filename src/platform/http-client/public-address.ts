import { isIPv4 } from 'node:net';
import { blockListOf } from '../../common/network.js';

// The special-purpose registries of IANA (RFC 6890), and multicast.
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
// The exceptions within 2000::/3, the allocated space: Teredo and 6to4, for example, contain an IPv4 address.
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const specialIPv4 = blockListOf(SPECIAL_IPV4);
const specialIPv6 = blockListOf(SPECIAL_IPV6);
const linkLocal = blockListOf(['169.254.0.0/16', 'fe80::/10']);
const globalIPv6 = blockListOf(['2000::/3']);

/**
 * Tells whether an IP address belongs to the public internet: not to this machine, a private network or a link, also
 * not by translation (RFC 6052, RFC 4291 2.5.5.2).
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIPv4.check(address, 'ipv4');
  return globalIPv6.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6');
}

/** Tells whether an IP address belongs to a link (RFC 3927, RFC 4291 2.5.6), also as an IPv4-mapped address. */
export function isLinkLocal(address: string): boolean {
  const plain = address.split('%')[0]!;
  return linkLocal.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
