import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';

/** A peer that speaks libp2p well and everything above it badly. */
export class HostilePeer {
  readonly #libp2p: Libp2p;

  private constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p;
  }

  /** A stranger; or, with the seed of an authority's peer key, one of the authorities gone mad. */
  static async start(peerSeed?: Uint8Array): Promise<HostilePeer> {
    const libp2p = await createLibp2p({
      ...(peerSeed !== undefined && { privateKey: await generateKeyPairFromSeed('Ed25519', peerSeed) }),
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
    });
    return new HostilePeer(libp2p);
  }

  /** Opens a stream of a protocol, sends the bytes and ends its side. False when the other side did not even take the stream. */
  async send(address: string, protocol: string, bytes: Uint8Array): Promise<boolean> {
    try {
      const stream = await this.#libp2p.dialProtocol(multiaddr(address), protocol, {
        signal: AbortSignal.timeout(5_000),
      });
      stream.send(bytes);
      await stream.close({ signal: AbortSignal.timeout(1_000) }).catch((error: Error) => stream.abort(error));
      return true;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await this.#libp2p.stop();
  }
}
