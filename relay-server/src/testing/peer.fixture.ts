import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { gossipsub, type GossipSub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import type { Connection, Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { OpenStream } from '@assay/core/net/frame-client.ts';

/** A peer as a tab is one, in Node. */
export type Peer = Libp2p<{ pubsub: GossipSub }>;

/** Starts a peer; `listen` may name a relay to be reached through. */
export async function startPeer(listen: readonly string[] = []): Promise<Peer> {
  return await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [
      webSockets(),
      webRTCDirect({ rtcConfiguration: { iceServers: [] } }),
      tcp(),
      circuitRelayTransport(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
  });
}

/** Connects to the one address of a relay that has this part, as `/ws`. */
export async function connect(peer: Libp2p, addresses: readonly string[], part: string): Promise<Connection> {
  const address = addresses.find((one) => one.split('/').includes(part)) ?? '';
  return await peer.dial(multiaddr(address), { signal: AbortSignal.timeout(10_000) });
}

/** Opens streams of a protocol on a connection. */
export function opener(connection: Connection, protocol: string): OpenStream {
  return (signal) => connection.newStream(protocol, { signal, runOnLimitedConnection: true });
}
