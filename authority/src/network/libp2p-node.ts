import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';

/** Connections to all members of the largest authority set in both directions, and as many from relays and others. */
const MAX_CONNECTIONS = 400;
/** New connections per second from one host; a whole network on one machine starts at once. */
const CONNECTIONS_PER_SECOND_AND_HOST = 50;
/** Handshakes under way at once. */
const MAX_PENDING_CONNECTIONS = 50;

/** The libp2p node of an authority, not started yet: TCP with noise and yamux, nothing else, on the given address alone. */
export async function createLibp2pNode(peerSeed: Uint8Array, listen: string): Promise<Libp2p> {
  return await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', peerSeed),
    addresses: { listen: [listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND_AND_HOST,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
    },
    // A busy peer answers pings late; cutting it off would only make it later.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    services: { identify: identify() },
  });
}
