import { BlockList, isIP } from 'node:net';

/** Addresses that mean this machine or the network around it (RFC 6890), not the internet. IPv4 written as IPv6 counts as IPv4. */
const INTERNAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  INTERNAL.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  INTERNAL.addSubnet(network, prefix, 'ipv6');
}

/**
 * Whether a URL leads from the internet into the network this program runs in: a public registry has no business there. Knows
 * addresses and `localhost`; a name that resolves to such an address is not seen.
 */
export function leadsInside(from: URL, to: URL): boolean {
  return isInternal(to.hostname) && !isInternal(from.hostname);
}

function isInternal(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const version = isIP(host);
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost');
  return INTERNAL.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
