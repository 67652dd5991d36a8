import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { gossipsub, type GossipSub } from '@libp2p/gossipsub';
import { identify, identifyPush } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { webRTC, webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { Clock } from '@assay/core/clock.ts';
import type { RelayDescription } from '@assay/core/net/network-description.ts';
import { makePeerKey } from './peer-key.ts';

/** The libp2p node of a tab. */
export type TabLibp2p = Libp2p<{ pubsub: GossipSub }>;

/** Relays, and as many tabs as a person shares with at a time. */
const MAX_CONNECTIONS = 64;

/**
 * A node that reaches relays over WebSocket or WebRTC-direct and other tabs over WebRTC, which the relays only help to set up. No
 * STUN server is asked but those of the relays; libp2p's own list is never used. Making the node and starting it are two tasks, as
 * both are long.
 */
export async function createTabNode(options: {
  readonly relays: readonly RelayDescription[];
  readonly topic: string;
  /** The page itself comes from this machine, so addresses on it are worth dialing. */
  readonly onLoopback: boolean;
  readonly clock: Clock;
}): Promise<TabLibp2p> {
  const stun = [...new Set(options.relays.flatMap((relay) => relay.stun))];
  const rtcConfiguration = { iceServers: stun.map((urls) => ({ urls })) };
  const privateKey = await makePeerKey(crypto.subtle);
  const node = await createLibp2p({
    start: false,
    ...(privateKey && { privateKey }),
    addresses: { listen: ['/webrtc', '/p2p-circuit'] },
    transports: [
      webSockets(),
      webRTCDirect({ rtcConfiguration }),
      webRTC({ rtcConfiguration }),
      circuitRelayTransport(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxConnections: MAX_CONNECTIONS },
    // A tab that is busy or in the background answers pings late; cutting it off in the middle of a transfer would help nobody.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    ...(options.onLoopback && { connectionGater: { denyDialMultiaddr: () => false } }),
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      pubsub: gossipsub({ allowedTopics: [options.topic], fallbackToFloodsub: false }),
    },
  });
  await options.clock.sleep(0);
  await node.start();
  return node;
}
