import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { OpenStream } from './frame-client.ts';

/** Two connected libp2p nodes on the loopback interface. */
export interface Libp2pPair {
  readonly server: Libp2p;
  readonly client: Libp2p;
  /** Opens a stream of a protocol from the client to the server. */
  readonly opener: (protocol: string) => OpenStream;
  readonly handle: (
    protocol: string,
    handler: (stream: Stream, connection: Connection) => void,
  ) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts and connects the two. */
export async function createLibp2pPair(): Promise<Libp2pPair> {
  const server = await createNode(['/ip4/127.0.0.1/tcp/0']);
  const client = await createNode([]);
  const connection = await client.dial(server.getMultiaddrs());
  return {
    server,
    client,
    opener: (protocol) => (signal) => connection.newStream(protocol, { signal }),
    handle: (protocol, handler) => server.handle(protocol, handler, { maxInboundStreams: 1024 }),
    stop: async () => {
      await Promise.all([client.stop(), server.stop()]);
    },
  };
}

function createNode(listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
}
