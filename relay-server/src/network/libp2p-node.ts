import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { gossipsub, type GossipSub } from '@libp2p/gossipsub';
import { identify, identifyPush } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { TransportCertificate } from '../settings/self-signed-certificate.ts';
import {
  CONNECTIONS_PER_SECOND_AND_ADDRESS,
  MAX_CONNECTIONS,
  MAX_GOSSIP_BYTES,
  MAX_PENDING_CONNECTIONS,
  MAX_RESERVATIONS,
  RELAYED_BYTES,
  RELAYED_MS,
} from './limits.ts';

/** The relay's libp2p node. */
export type RelayLibp2p = Libp2p<{ pubsub: GossipSub }>;

export interface Libp2pNodeOptions {
  readonly privateKey: PrivateKey;
  readonly certificate: TransportCertificate;
  readonly host: string;
  readonly ports: { readonly ws: number; readonly tcp: number; readonly webrtcDirect: number };
  /** Multiaddrs to announce; those listened on when empty. */
  readonly announce: readonly string[];
  /** The only gossip topic. */
  readonly topic: string;
  /** Peer ids of the authorities, the only ones that are ever dialed: others come to the relay. May grow. */
  readonly dialable: ReadonlySet<string>;
}

/** Starts a libp2p node that others can reach by WebSocket, WebRTC-direct and TCP, and reach one another through. */
export async function startLibp2pNode(options: Libp2pNodeOptions): Promise<RelayLibp2p> {
  const { host, ports, certificate, dialable } = options;
  const ip = `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}`;
  return await createLibp2p({
    privateKey: options.privateKey,
    addresses: {
      listen: [
        `${ip}/tcp/${ports.ws}/ws`,
        `${ip}/udp/${ports.webrtcDirect}/webrtc-direct`,
        `${ip}/tcp/${ports.tcp}`,
      ],
      announce: [...options.announce],
    },
    transports: [webSockets(), webRTCDirect({ certificate, rtcConfiguration: { iceServers: [] } }), tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND_AND_ADDRESS,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
    },
    // A busy peer answers pings late; cutting it off in the middle of a transfer would help nobody.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    connectionGater: { denyDialPeer: (peer) => !dialable.has(peer.toString()) },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      relay: circuitRelayServer({
        reservations: {
          maxReservations: MAX_RESERVATIONS,
          defaultDataLimit: RELAYED_BYTES,
          defaultDurationLimit: RELAYED_MS,
        },
      }),
      pubsub: gossipsub({
        allowedTopics: [options.topic],
        allowPublishToZeroTopicPeers: true,
        fallbackToFloodsub: false,
        maxInboundDataLength: MAX_GOSSIP_BYTES,
      }),
    },
  });
}
