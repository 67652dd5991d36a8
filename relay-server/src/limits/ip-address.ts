import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an IP address as Node writes it; IPv4 in IPv6 (`::ffff:1.2.3.4`) is IPv4. Undefined for other text. */
export function ipBytes(text: string): Uint8Array | undefined {
  const plain = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return Uint8Array.from(plain.split('.'), Number);
  if (!isIPv6(plain)) return undefined;
  const [head = '', tail] = ipv4TailToHex(plain).split('::');
  const first = groups(head);
  const last = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array.from({ length: zeros }, () => 0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** What limits are counted by: an IPv4 address, or the /64 network that one IPv6 customer has. */
export function addressGroup(text: string): string {
  const bytes = ipBytes(text);
  if (bytes === undefined) return text;
  return bytes.slice(0, bytes.length === 16 ? 8 : 4).join('.');
}

/** Whether an address is one of this machine's own loopback addresses. */
export function isLoopback(text: string): boolean {
  const bytes = ipBytes(text);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function ipv4TailToHex(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
}
