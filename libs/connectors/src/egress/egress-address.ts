import { BlockList, isIP } from 'node:net';

/**
 * Which addresses belong to the public internet, after IANA's registries of special-purpose addresses. Whatever else
 * an address is for, a customer's settings have no business there: this machine, its neighbors, the cloud's metadata.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIPv4.check(address, 'ipv4');
    case 6:
      return globalUnicast.check(address, 'ipv6') && !specialIPv6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Names that mean this machine or its own network by convention, wherever a resolver may say that they lead. */
export function isLocalName(hostname: string): boolean {
  if (isIP(hostname)) return false;
  return !hostname.includes('.') || localDomains.some((domain) => hostname.endsWith(`.${domain}`));
}

/** Those of the machine itself and of its link, where cloud providers put credentials for any process that asks. */
export const closestNetworks = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['::', 127], // unspecified and loopback
  ['fe80::', 10],
] as const;

export function networks(all: readonly (readonly [address: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of all) list.addSubnet(address, bits, address.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}

const specialIPv4 = networks([
  ['0.0.0.0', 8], // "this network"
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT, and Alibaba's metadata
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's host, public by its number only
  ['169.254.0.0', 16], // link-local, and the metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments, and Oracle's metadata
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]);

/**
 * All that was ever handed out as public. Outside lie loopback, the unique local and link-local addresses, multicast,
 * and the ways to write an IPv4 address as an IPv6 one: ::a.b.c.d, ::ffff:a.b.c.d and NAT64's 64:ff9b::a.b.c.d.
 */
const globalUnicast = networks([['2000::', 3]]);

const specialIPv6 = networks([
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which leads to the IPv4 address inside
  ['3fff::', 20], // documentation
]);

const localDomains = ['localhost', 'local', 'localdomain', 'internal', 'intranet', 'home.arpa'];
