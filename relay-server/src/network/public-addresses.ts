import type { Multiaddr } from '@multiformats/multiaddr';

/** The WebSocket origin of a multiaddr, as `ws://127.0.0.1:1234`, for a content security policy; undefined for other transports. */
export function webSocketOrigin(address: Multiaddr): string | undefined {
  const parts = new Map(address.getComponents().map(({ name, value }) => [name, value ?? '']));
  const host = parts.get('ip4') ?? bracketed(parts.get('ip6')) ?? dnsName(parts);
  const port = parts.get('tcp');
  const isSecure = parts.has('wss') || (parts.has('tls') && parts.has('ws'));
  if (host === undefined || port === undefined || parts.has('p2p-circuit')) return undefined;
  if (isSecure) return `wss://${host}:${port}`;
  return parts.has('ws') ? `ws://${host}:${port}` : undefined;
}

/** Whether an address means every interface of the machine, so that others cannot use it as it is. */
export function isEveryInterface(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function bracketed(ip6: string | undefined): string | undefined {
  return ip6 === undefined ? undefined : `[${ip6}]`;
}

function dnsName(parts: ReadonlyMap<string, string>): string | undefined {
  return parts.get('dns4') ?? parts.get('dns6') ?? parts.get('dns');
}
