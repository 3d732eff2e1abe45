import { isIPv4, isIPv6 } from 'node:net';

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
 * Returns a network (CIDR, RFC 4632 3.1; an address is a network of one) as the list of its spellings for a database
 * that keeps IPv4 and IPv6 apart: an IPv4 address and its IPv4-mapped form (RFC 4291 2.5.5.2) are the same host.
 * Returns null for a text that is no network, or that has bits behind its prefix.
 */
export function spellingsOfNetwork(text: string): string[] | null {
  const [address = '', prefix, ...rest] = text.split('/');
  const [width, groups] = isIPv4(address) ? [32, groupsOf(`::ffff:${address}`)] : [128, groupsOf(address)];
  if (!groups || address.includes('%') || rest.length > 0) return null;
  if (prefix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefix)) return null;
  const length = Number(prefix ?? width) + 128 - width;
  if (length > 128) return null;
  if ((valueOf(groups) & ((1n << BigInt(128 - length)) - 1n)) !== 0n) return null;
  const ipv6 = `${groups.map((group) => group.toString(16)).join(':')}/${length}`;
  if (length >= 96) return isMapped(groups) ? [ipv6, `${ipv4Of(groups)}/${length - 96}`] : [ipv6];
  const holdsIpv4 = 0xffff00000000n >> BigInt(128 - length) === valueOf(groups) >> BigInt(128 - length);
  return holdsIpv4 ? [ipv6, '0.0.0.0/0'] : [ipv6];
}
