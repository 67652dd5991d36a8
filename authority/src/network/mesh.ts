import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { FrameReader } from '@assay/core/net/frames.ts';
import type { Transport } from '../consensus/consensus.ts';
import { OutboundLine } from './outbound-line.ts';

/** Where an authority can be reached. */
export interface MeshPeer {
  readonly index: number;
  /** 32-byte ed25519 key of its libp2p identity, from genesis. */
  readonly peerKey: Uint8Array;
  readonly addresses: readonly string[];
}

export interface MeshOptions {
  readonly libp2p: Libp2p;
  readonly me: number;
  readonly peers: readonly MeshPeer[];
  readonly clock: Clock;
  /** Told of streams that broke the rules, for the operator's log; `from` is undefined for strangers. */
  readonly onMisbehaviour?: (from: number | undefined, error: unknown) => void;
}

/** Unread frames of one stream beyond this many frames' worth of bytes abort it; as many may wait to be sent. */
const BUFFERED_FRAMES = 8;
/**
 * An authority keeps one inbound stream per peer and protocol; a few more while a lost one is replaced. Beyond these the oldest is
 * ended, over whichever connection it came: each may hold frames in memory.
 */
const MAX_INBOUND_STREAMS = 8;

/** A channel between authorities that also tells of peers that were reached. */
export type MeshChannel = Required<Transport>;

/**
 * The streams between authorities: one long-lived one-way stream per peer and protocol in each direction. Lossy by design
 * (what a broken or slow peer misses is dropped, the protocols on it send again) and authenticated by noise: a stream of
 * anyone who is not in the authority set is refused.
 */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #indexByPeerId = new Map<string, number>();
  readonly #peers = new Map<number, { id: PeerId; addresses: readonly string[] }>();
  readonly #lines = new Map<number, OutboundLine[]>();
  #stopped = false;

  constructor(options: MeshOptions) {
    this.#options = options;
    for (const { index, peerKey, addresses } of options.peers) {
      if (index === options.me) continue;
      const id = peerIdFromPublicKey(publicKeyFromRaw(peerKey));
      this.#peers.set(index, { id, addresses });
      this.#indexByPeerId.set(id.toString(), index);
      this.#lines.set(index, []);
    }
    options.libp2p.addEventListener('peer:connect', this.#onPeerConnect);
  }

  /** Makes a channel of one protocol to all other authorities. Its handlers are to be set before `start`. */
  async channel(protocol: string, maxFrameBytes: number): Promise<MeshChannel> {
    const handlers: ((from: number, bytes: Uint8Array) => void)[] = [];
    const connectHandlers: ((peer: number) => void)[] = [];
    const lines = new Map<number, OutboundLine>();
    for (const [index, linesOfPeer] of this.#lines) {
      const line = new OutboundLine({
        open: (signal) => this.#open(index, protocol, signal),
        clock: this.#options.clock,
        maxQueuedBytes: BUFFERED_FRAMES * maxFrameBytes,
        onOpen: () => connectHandlers.forEach((handler) => handler(index)),
      });
      lines.set(index, line);
      linesOfPeer.push(line);
    }
    const inbound = new Map<number, Set<Stream>>();
    await this.#options.libp2p.handle(
      protocol,
      (stream, connection) => this.#admit(stream, connection, inbound, { maxFrameBytes, handlers }),
      { maxInboundStreams: MAX_INBOUND_STREAMS },
    );
    return {
      send: (to, bytes) => lines.get(to)?.send(bytes),
      broadcast: (bytes) => {
        for (const line of lines.values()) line.send(bytes);
      },
      onMessage: (handler) => void handlers.push(handler),
      onConnect: (handler) => void connectHandlers.push(handler),
      connected: () => this.connected(),
    };
  }

  /** Opens the lines of all channels. The libp2p node must have started. */
  start(): void {
    for (const line of this.#allLines()) line.start();
  }

  /** Index in the authority set of a libp2p peer; undefined for everybody else. */
  indexOf(peer: PeerId): number | undefined {
    return this.#indexByPeerId.get(peer.toString());
  }

  /** Indexes of the authorities that a connection is open to. */
  connected(): ReadonlySet<number> {
    const open = new Set<number>();
    for (const { remotePeer, status } of this.#options.libp2p.getConnections()) {
      const index = this.indexOf(remotePeer);
      if (index !== undefined && status === 'open') open.add(index);
    }
    return open;
  }

  /** Ends all outbound streams. The libp2p node is its owner's to stop. */
  stop(): void {
    this.#stopped = true;
    this.#options.libp2p.removeEventListener('peer:connect', this.#onPeerConnect);
    for (const line of this.#allLines()) line.stop();
  }

  readonly #onPeerConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const index = this.indexOf(detail);
    if (index !== undefined) this.#lines.get(index)?.forEach((line) => line.retryNow());
  };

  #allLines(): OutboundLine[] {
    return [...this.#lines.values()].flat();
  }

  /** Hears an inbound stream to its end: only authorities', and only the newest few of each. */
  async #admit(
    stream: Stream,
    connection: Connection,
    inbound: Map<number, Set<Stream>>,
    channel: InboundChannel,
  ): Promise<void> {
    const from = this.indexOf(connection.remotePeer);
    if (from === undefined) {
      const refusal = new AssayError('E_REFUSED', { reason: 'not an authority of this network' });
      stream.abort(refusal);
      this.#options.onMisbehaviour?.(undefined, refusal);
      return;
    }
    const ofPeer = inbound.get(from) ?? new Set();
    inbound.set(from, ofPeer.add(stream));
    const [oldest] = ofPeer;
    if (ofPeer.size > MAX_INBOUND_STREAMS && oldest !== undefined) {
      ofPeer.delete(oldest);
      oldest.abort(new AssayError('E_REFUSED', { reason: 'too many streams of one authority' }));
    }
    await this.#receive(stream, from, channel);
    ofPeer.delete(stream);
  }

  async #receive(stream: Stream, from: number, { maxFrameBytes, handlers }: InboundChannel): Promise<void> {
    const maxBufferedBytes = BUFFERED_FRAMES * maxFrameBytes;
    const reader = new FrameReader(stream, { maxFrameBytes, maxBufferedBytes });
    try {
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
        if (this.#stopped) break;
        for (const handler of handlers) handler(from, frame);
      }
      await stream.close();
    } catch (error) {
      const lost = error instanceof AssayError && error.code === 'E_STREAM_CLOSED';
      stream.abort(error instanceof Error ? error : new AssayError('E_STREAM_CLOSED'));
      if (!lost && !this.#stopped) this.#options.onMisbehaviour?.(from, error);
    }
  }

  async #open(index: number, protocol: string, signal: AbortSignal): Promise<Stream> {
    const peer = this.#peers.get(index);
    if (peer === undefined) throw new AssayError('E_UNREACHABLE');
    const { libp2p } = this.#options;
    const existing = libp2p.getConnections(peer.id).find(({ status }) => status === 'open');
    const connection = existing ?? (await libp2p.dial(addressesOf(peer), { signal }));
    try {
      return await connection.newStream(protocol, { signal });
    } catch (error) {
      // A connection whose other end is gone without a word would be found again at every try.
      if (signal.aborted) connection.abort(new AssayError('E_UNREACHABLE', {}, error));
      throw error;
    }
  }
}

/** What the inbound streams of one channel have in common. */
interface InboundChannel {
  readonly maxFrameBytes: number;
  readonly handlers: readonly ((from: number, bytes: Uint8Array) => void)[];
}

function addressesOf({ id, addresses }: { id: PeerId; addresses: readonly string[] }) {
  return addresses.map((address) => {
    const whole = multiaddr(address);
    const named = whole.getComponents().some(({ name }) => name === 'p2p');
    return named ? whole : whole.encapsulate(`/p2p/${id.toString()}`);
  });
}
