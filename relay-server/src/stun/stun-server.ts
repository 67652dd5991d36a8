import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { addressGroup, ipBytes } from '../limits/ip-address.ts';
import { TokenBuckets, type BucketLimits } from '../limits/token-buckets.ts';
import { bindingResponse, readBindingRequest } from './stun-message.ts';

/** A browser asks a few times per connection attempt; more from one address is somebody else's address being flooded. */
const LIMITS: BucketLimits = { burst: 200, perSecond: 20 };

/** A running STUN server. */
export interface StunServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Tells whoever asks which address and port they are seen under. Ignores everything that is no binding request. */
export async function startStunServer(options: {
  readonly host: string;
  readonly port: number;
  readonly elapsed: () => number;
  readonly onError: (error: Error) => void;
}): Promise<StunServer> {
  const socket = createSocket(options.host.includes(':') ? 'udp6' : 'udp4');
  const buckets = new TokenBuckets(options.elapsed);
  await bind(socket, options.host, options.port);
  socket.on('error', options.onError);
  socket.on('message', (datagram, from) => {
    const answer = answerTo(datagram, from, buckets);
    if (answer !== undefined) socket.send(answer, from.port, from.address, () => undefined);
  });
  return {
    port: socket.address().port,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(datagram: Uint8Array, from: RemoteInfo, buckets: TokenBuckets): Uint8Array | undefined {
  const transaction = readBindingRequest(datagram);
  const ip = ipBytes(from.address);
  if (transaction === undefined || ip === undefined) return undefined;
  if (buckets.take(addressGroup(from.address), LIMITS) > 0) return undefined;
  return bindingResponse(transaction, { ip, port: from.port });
}

function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
