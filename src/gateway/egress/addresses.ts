/**
 * Which addresses a place may be led to. The tables are those of the IANA special-purpose address registries (RFC 6890;
 * iana-ipv4-special-registry and iana-ipv6-special-registry), and the addresses at which clouds answer their machines.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * `public`: any place may go there. `private`: only where the operator says so. `never`: whoever says so, since what
 * answers there are a cloud's credentials, neighbours on the wire, or many machines at once.
 */
export type AddressKind = 'public' | 'private' | 'never';

type Net = readonly [network: string, prefix: number];

const PRIVATE_V4: readonly Net[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
];
const NEVER_V4: readonly Net[] = [
  ['0.0.0.0', 8],
  // Link-local, with the metadata servers of most clouds.
  ['169.254.0.0', 16],
  // Metadata servers elsewhere: Alibaba Cloud, Azure, Oracle Cloud.
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
  // Documentation, the former 6to4 relays, multicast, reserved, broadcast.
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const PRIVATE_V6: readonly Net[] = [
  ['::1', 128],
  ['fc00::', 7],
];
const NEVER_V6: readonly Net[] = [
  // Metadata servers: Amazon, Google.
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
];
/** Global unicast: all that is given out. What is not in here is special, reserved, or not given to anybody. */
const GLOBAL_V6: readonly Net[] = [['2000::', 3]];
const SPECIAL_V6: readonly Net[] = [
  // Protocol assignments with Teredo, which holds addresses of others.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

const listOf = (family: 'ipv4' | 'ipv6', nets: readonly Net[]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of nets) list.addSubnet(network, prefix, family);
  return list;
};
const V4 = { never: listOf('ipv4', NEVER_V4), private: listOf('ipv4', PRIVATE_V4) };
const V6 = {
  never: listOf('ipv6', NEVER_V6),
  private: listOf('ipv6', PRIVATE_V6),
  global: listOf('ipv6', GLOBAL_V6),
  special: listOf('ipv6', SPECIAL_V6),
};

/** The eight groups of an IPv6 address. */
const groupsOf = (address: string): readonly number[] => {
  // The URL parser of the platform writes each address in one way, an IPv4 tail as two groups.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const parse = (part: string | undefined): number[] =>
    part === undefined || part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [parse(head), parse(tail)];
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
};

const ipv4Of = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address that an IPv6 address leads to: mapped, compatible, 6to4, or by the well-known prefix of NAT64. */
const embedded = (address: string): string | null => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groupsOf(address);
  if (a === 0x2002) return ipv4Of(b, c);
  if (a === 0x64 && b === 0xff9b && c + d + e + f === 0) return ipv4Of(g, h);
  if (a + b + c + d === 0 && e === 0 && f === 0xffff) return ipv4Of(g, h);
  // `::` and `::1` are of IPv6 itself.
  if (a + b + c + d + e + f === 0 && !(g === 0 && h <= 1)) return ipv4Of(g, h);
  return null;
};

/** What is at an address; `never` for what is no address. A zone (`%eth0`) makes it link-local, and so `never`. */
export const kindOf = (address: string): AddressKind => {
  if (address.includes('%') || isIP(address) === 0) return 'never';
  if (isIPv4(address)) {
    if (V4.never.check(address)) return 'never';
    return V4.private.check(address) ? 'private' : 'public';
  }
  const inner = embedded(address);
  if (inner !== null) return kindOf(inner);
  if (V6.never.check(address, 'ipv6')) return 'never';
  if (V6.private.check(address, 'ipv6')) return 'private';
  return V6.global.check(address, 'ipv6') && !V6.special.check(address, 'ipv6') ? 'public' : 'never';
};

/** One spelling for each address, so that two can be compared. */
export const canonicalAddress = (address: string): string =>
  isIPv6(address) && !address.includes('%') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
