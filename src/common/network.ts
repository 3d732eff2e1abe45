import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

function parseGroups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number];
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Returns the eight 16-bit groups of an IPv6 address; null for any other text. */
function groupsOf(address: string): number[] | null {
  if (!isIPv6(address)) return null;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const front = parseGroups(head);
  if (tail === undefined) return front;
  const back = parseGroups(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

const isMapped = (groups: number[]): boolean =>
  groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;

const ipv4Of = (groups: number[]): string =>
  groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');

const valueOf = (groups: number[]): bigint => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);

/**
 * Returns the network under which an address is counted: an IPv4 address itself, the /64 of an IPv6 address, since one
 * subscriber commonly has all of it (RFC 6177). IPv4-mapped addresses (RFC 4291 2.5.5.2) count as IPv4.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const groups = groupsOf(address);
  if (!groups) return 'unknown';
  if (isMapped(groups)) return ipv4Of(groups);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/**
 * Returns the block of addresses that one site commonly has: the /24 of an IPv4 address, the /48 of an IPv6 address (RFC 6177).
 */
export function siteOf(address: string): string {
  const network = networkOf(address);
  if (isIPv4(network)) return network.replace(/\d+$/, '0/24');
  return network.includes('::/64') ? `${network.split(':').slice(0, 3).join(':')}::/48` : network;
}

/** A network (CIDR, RFC 4632 3.1). */
export interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** The length of the prefix, in bits. */
  readonly prefix: number;
}

/** Parses a network in CIDR form, or an address, which is a network of one. Returns null for any other text. */
export function parseNetwork(text: string): Network | null {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return null;
  const [family, width] = version === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  if (prefix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefix)) return null;
  const length = Number(prefix ?? width);
  return length > width ? null : { address, family, prefix: length };
}

/** Returns a list that contains the addresses of these networks, each of which must be valid. */
export function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks.map((text) => parseNetwork(text)!)) {
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/**
 * Returns a network (CIDR, RFC 4632 3.1; an address is a network of one) as the list of its spellings for a database
 * that keeps IPv4 and IPv6 apart: an IPv4 address and its IPv4-mapped form (RFC 4291 2.5.5.2) are the same host.
 * Returns null for a text that is no network, or that has bits behind its prefix.
 */
export function spellingsOfNetwork(text: string): string[] | null {
  const network = parseNetwork(text);
  if (!network || network.address.includes('%')) return null;
  const isV4 = network.family === 'ipv4';
  const groups = groupsOf(isV4 ? `::ffff:${network.address}` : network.address)!;
  const length = network.prefix + (isV4 ? 96 : 0);
  if ((valueOf(groups) & ((1n << BigInt(128 - length)) - 1n)) !== 0n) return null;
  const ipv6 = `${groups.map((group) => group.toString(16)).join(':')}/${length}`;
  if (length >= 96) return isMapped(groups) ? [ipv6, `${ipv4Of(groups)}/${length - 96}`] : [ipv6];
  const holdsIpv4 = 0xffff00000000n >> BigInt(128 - length) === valueOf(groups) >> BigInt(128 - length);
  return holdsIpv4 ? [ipv6, '0.0.0.0/0'] : [ipv6];
}
