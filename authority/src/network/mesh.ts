import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { OpenStream } from '@assay/core/net/frame-client.ts';
import { BUFFERED_FRAMES, InboundStreams, MAX_INBOUND_STREAMS } from './inbound-streams.ts';
import { OutboundLine } from './outbound-line.ts';

/** Another authority, or one that wants to become one, and where it can be reached. */
export interface MeshPeer {
  /** What the channels call it: unique among the peers. */
  readonly name: string;
  /** 32-byte ed25519 key of its libp2p identity. */
  readonly peerKey: Uint8Array;
  /** Multiaddrs; none for one that is only answered when it has connected. */
  readonly addresses: readonly string[];
}

export interface MeshOptions {
  readonly libp2p: Libp2p;
  readonly clock: Clock;
  /** Told of streams that broke the rules, for the operator's log; `from` is undefined for strangers. */
  readonly onMisbehaviour?: (from: string | undefined, error: unknown) => void;
}

/** Between two complaints about one stranger, and how many of them are remembered. */
const STRANGER_PAUSE_MS = 60_000;
const MAX_STRANGERS = 1_000;

/** A channel between authorities that also tells of peers that were reached. */
export interface MeshChannel {
  /** Sends a frame to the peer of that name; one that is not a peer gets nothing. */
  send(to: string, bytes: Uint8Array): void;
  broadcast(bytes: Uint8Array): void;
  onMessage(handler: (from: string, bytes: Uint8Array) => void): void;
  /** Called for each peer whenever a stream to it was opened. */
  onConnect(handler: (peer: string) => void): void;
  /** Names of the peers that a connection is open to. */
  connected(): ReadonlySet<string>;
}

/** One protocol of the mesh. */
interface Channel {
  readonly protocol: string;
  readonly maxFrameBytes: number;
  readonly connectHandlers: ((peer: string) => void)[];
  readonly inbound: InboundStreams;
}

interface Peer {
  readonly name: string;
  readonly id: PeerId;
  addresses: readonly string[];
  /** By protocol. */
  readonly lines: Map<string, OutboundLine>;
}

/**
 * The streams between authorities: one long-lived one-way stream per peer and protocol in each direction. Lossy by design
 * (what a broken or slow peer misses is dropped, the protocols on it send again) and authenticated by noise: a stream of
 * anyone who is not a peer is refused. Who is a peer may change at any time.
 */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #channels: Channel[] = [];
  readonly #peers = new Map<string, Peer>();
  readonly #names = new Map<string, string>();
  /** When strangers were last complained of, by peer id. */
  readonly #strangers = new Map<string, number>();
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';

  constructor(options: MeshOptions) {
    this.#options = options;
    options.libp2p.addEventListener('peer:connect', this.#onPeerConnect);
  }

  /** Makes a channel of one protocol to all peers. Its handlers are to be set before `start`. */
  async channel(protocol: string, maxFrameBytes: number): Promise<MeshChannel> {
    const handlers: ((from: string, bytes: Uint8Array) => void)[] = [];
    const inbound = new InboundStreams({
      maxFrameBytes,
      onFrame: (from, frame) => {
        if (this.#state === 'running') for (const handler of handlers) handler(from, frame);
      },
      onMisbehaviour: (from, error) => {
        if (this.#state === 'running') this.#options.onMisbehaviour?.(from, error);
      },
    });
    const channel: Channel = { protocol, maxFrameBytes, connectHandlers: [], inbound };
    this.#channels.push(channel);
    for (const peer of this.#peers.values()) this.#addLine(peer, channel);
    await this.#options.libp2p.handle(
      protocol,
      (stream, connection) => this.#admit(stream, connection, inbound),
      { maxInboundStreams: MAX_INBOUND_STREAMS },
    );
    const line = (peer: Peer | undefined) => peer?.lines.get(protocol);
    return {
      send: (to, bytes) => line(this.#peers.get(to))?.send(bytes),
      broadcast: (bytes) => {
        for (const peer of this.#peers.values()) line(peer)?.send(bytes);
      },
      onMessage: (handler) => void handlers.push(handler),
      onConnect: (handler) => void channel.connectHandlers.push(handler),
      connected: () => this.connected(),
    };
  }

  /**
   * Says who the peers are from now on. Streams to and from those that stay go on; a peer of the same name with another key is
   * another peer. This authority itself is left out.
   */
  setPeers(peers: readonly MeshPeer[]): void {
    const wanted = new Map(peers.map((peer) => [peer.name, { ...peer, id: peerIdOf(peer.peerKey) }]));
    for (const { name, id } of this.#peers.values()) {
      if (wanted.get(name)?.id.equals(id) !== true) this.#remove(name);
    }
    for (const { name, id, addresses } of wanted.values()) {
      if (id.equals(this.#options.libp2p.peerId)) continue;
      const known = this.#peers.get(name);
      if (known !== undefined) known.addresses = addresses;
      else this.#add({ name, id, addresses, lines: new Map() });
    }
  }

  /** Opens the lines of all channels. The libp2p node must have started. */
  start(): void {
    this.#state = 'running';
    for (const { lines } of this.#peers.values()) for (const line of lines.values()) line.start();
  }

  /** Name of a libp2p peer; undefined for everybody who is not a peer here. */
  nameOf(peer: PeerId): string | undefined {
    return this.#names.get(peer.toString());
  }

  /** Opens streams of any protocol to a peer, over the connection there is or a new one. */
  opener(name: string, protocol: string): OpenStream {
    return async (signal) => {
      const peer = this.#peers.get(name);
      if (peer === undefined) throw new AssayError('E_UNREACHABLE');
      return await this.#open(peer, protocol, signal);
    };
  }

  /** Names of the peers that a connection is open to. */
  connected(): ReadonlySet<string> {
    const open = new Set<string>();
    for (const { remotePeer, status } of this.#options.libp2p.getConnections()) {
      const name = this.nameOf(remotePeer);
      if (name !== undefined && status === 'open') open.add(name);
    }
    return open;
  }

  /** Ends all outbound streams. The libp2p node is its owner's to stop. */
  stop(): void {
    this.#state = 'stopped';
    this.#options.libp2p.removeEventListener('peer:connect', this.#onPeerConnect);
    for (const { lines } of this.#peers.values()) for (const line of lines.values()) line.stop();
  }

  readonly #onPeerConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const name = this.nameOf(detail);
    if (name !== undefined) this.#peers.get(name)?.lines.forEach((line) => line.retryNow());
  };

  #add(peer: Peer): void {
    this.#peers.set(peer.name, peer);
    this.#names.set(peer.id.toString(), peer.name);
    for (const channel of this.#channels) this.#addLine(peer, channel);
  }

  #addLine(peer: Peer, { protocol, maxFrameBytes, connectHandlers }: Channel): void {
    const line = new OutboundLine({
      open: (signal) => this.#open(peer, protocol, signal),
      clock: this.#options.clock,
      maxQueuedBytes: BUFFERED_FRAMES * maxFrameBytes,
      onOpen: () => connectHandlers.forEach((handler) => handler(peer.name)),
    });
    peer.lines.set(protocol, line);
    if (this.#state === 'running') line.start();
  }

  #remove(name: string): void {
    const peer = this.#peers.get(name);
    if (peer === undefined) return;
    this.#peers.delete(name);
    this.#names.delete(peer.id.toString());
    for (const line of peer.lines.values()) line.stop();
    const reason = new AssayError('E_REFUSED', { reason: 'not an authority of this network any more' });
    for (const { inbound } of this.#channels) inbound.end(name, reason);
  }

  /** Hears an inbound stream to its end if it is a peer's. */
  async #admit(stream: Stream, connection: Connection, inbound: InboundStreams): Promise<void> {
    const from = this.nameOf(connection.remotePeer);
    if (from !== undefined) return await inbound.hear(from, stream);
    const refusal = new AssayError('E_REFUSED', { reason: 'not an authority of this network' });
    stream.abort(refusal);
    if (this.#isNewStranger(connection.remotePeer)) this.#options.onMisbehaviour?.(undefined, refusal);
  }

  /** Whoever is not let in comes back every other second: one complaint a minute is enough. */
  #isNewStranger(peer: PeerId): boolean {
    const now = this.#options.clock.elapsed();
    const last = this.#strangers.get(peer.toString());
    if (last !== undefined && now - last < STRANGER_PAUSE_MS) return false;
    if (this.#strangers.size >= MAX_STRANGERS) this.#strangers.clear();
    this.#strangers.set(peer.toString(), now);
    return true;
  }

  async #open({ id, addresses }: Peer, protocol: string, signal: AbortSignal): Promise<Stream> {
    const { libp2p } = this.#options;
    const existing = libp2p.getConnections(id).find(({ status }) => status === 'open');
    if (existing === undefined && addresses.length === 0) throw new AssayError('E_UNREACHABLE');
    const connection = existing ?? (await libp2p.dial(withPeerId(addresses, id), { signal }));
    try {
      return await connection.newStream(protocol, { signal });
    } catch (error) {
      // A connection whose other end is gone without a word would be found again at every try.
      if (signal.aborted) connection.abort(new AssayError('E_UNREACHABLE', {}, error));
      throw error;
    }
  }
}

function peerIdOf(peerKey: Uint8Array): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(peerKey));
}

function withPeerId(addresses: readonly string[], id: PeerId) {
  return addresses.map((address) => {
    const whole = multiaddr(address);
    const named = whole.getComponents().some(({ name }) => name === 'p2p');
    return named ? whole : whole.encapsulate(`/p2p/${id.toString()}`);
  });
}
