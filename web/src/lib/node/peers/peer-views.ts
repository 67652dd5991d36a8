import type { Connection } from '@libp2p/interface';
import type { PeerView } from '../api.ts';

/** Bytes of blocks that came from and went to one peer. */
export interface Traffic {
  received: number;
  sent: number;
}

/** How a connection runs: `webrtc`, `webrtc-direct`, `ws`, `circuit`, … */
export function transportOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): string {
  const names = new Set(remoteAddr.getComponents().map(({ name }) => name));
  if (names.has('webrtc')) return 'webrtc';
  if (names.has('p2p-circuit')) return 'circuit';
  return ['webrtc-direct', 'webtransport', 'wss', 'ws'].find((name) => names.has(name)) ?? 'unknown';
}

/** Whether data flows without a relay in between. */
export function isDirect(connection: Pick<Connection, 'limits' | 'remoteAddr'>): boolean {
  return connection.limits === undefined && transportOf(connection) !== 'circuit';
}

/** A connection as people see it. */
export function peerView(
  connection: Connection,
  kind: PeerView['kind'],
  traffic: Traffic | undefined,
): PeerView {
  const { remotePeer, status, direction, timeline } = connection;
  return {
    id: remotePeer.toString(),
    kind,
    state: status === 'open' ? 'connected' : 'closed',
    transport: transportOf(connection),
    path: isDirect(connection) ? 'direct' : 'relayed',
    direction,
    since: Math.floor(timeline.open / 1000),
    received: traffic?.received ?? 0,
    sent: traffic?.sent ?? 0,
  };
}

/** A peer id short enough for a line of text. */
export function shortPeerId(id: string): string {
  return `…${id.slice(-8)}`;
}
