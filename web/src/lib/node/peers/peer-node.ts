import { TopicValidatorResult } from '@libp2p/gossipsub';
import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { createClock, type Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { serveBlocks } from '@assay/core/net/block-protocol.ts';
import { serveLog } from '@assay/core/net/log-protocol.ts';
import { MAX_ADDRESSES, type ProviderClient } from '@assay/core/net/provider-protocol.ts';
import type { Provider } from '@assay/core/net/provider-table.ts';
import type { BlockAnswer, LookupKnown } from '@assay/core/net/sources.ts';
import { createUploadGate } from '@assay/core/net/upload-gate.ts';
import { checkpointTopic, protocols } from '@assay/core/protocols.ts';
import { openIdbStores, type IdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import type { PeerView } from '../api.ts';
import type { FoundPeer, PeersConfig, PeersNews } from '../peer-procedures.ts';
import { createTabNode, type TabLibp2p } from './libp2p-node.ts';
import { PeerClients, remembered } from './peer-clients.ts';
import { isDirect, peerView, shortPeerId, transportOf, type Traffic } from './peer-views.ts';
import { RelayKeeper } from './relay-keeper.ts';

/** Providers that are dialed for one artifact: more than a few bring no more speed. */
const MAX_DIALED = 8;
/** A first WebRTC connection takes half a second; behind slow relays a few. */
const DIAL_MS = 15_000;
/** Peers that are asked for the log besides the mirrors. */
const MAX_LOG_PEERS = 4;
/** Streams that one peer may have open towards this tab. */
const MAX_INBOUND_STREAMS = 32;
/** Relays forget an announcement after thirty minutes. */
const ANNOUNCE_AGAIN_MS = 10 * 60_000;

/** Starts the libp2p node of this tab, which serves what is stored and finds who holds what is not. */
export async function startPeerNode(config: PeersConfig, news: (news: PeersNews) => void): Promise<PeerNode> {
  const clock = createClock(globalThis);
  const libp2p = await createTabNode({
    relays: config.relays,
    topic: checkpointTopic(config.networkId),
    onLoopback: /^(?:127\.|\[::1\]|localhost$)/.test(location.hostname),
    clock,
  });
  const stores = await openIdbStores(config.networkId, { clock });
  const node = new PeerNode(libp2p, stores, config, clock, news);
  await node.serve();
  return node;
}

/** A running libp2p node. Nothing it receives is checked here: blocks and log files go to the engine, which does. */
export class PeerNode {
  readonly #libp2p: TabLibp2p;
  readonly #stores: IdbStores;
  readonly #config: PeersConfig;
  readonly #clock: Clock;
  readonly #news: (news: PeersNews) => void;
  readonly #relays: RelayKeeper;
  readonly #traffic = new Map<string, Traffic>();
  readonly #clients: PeerClients;
  #reachableAs = '';

  constructor(
    libp2p: TabLibp2p,
    stores: IdbStores,
    config: PeersConfig,
    clock: Clock,
    news: (news: PeersNews) => void,
  ) {
    this.#libp2p = libp2p;
    this.#stores = stores;
    this.#config = config;
    this.#clock = clock;
    this.#news = news;
    this.#relays = new RelayKeeper(libp2p, config.relays, clock);
    this.#clients = new PeerClients(libp2p, clock);
  }

  /** Begins to answer other peers. */
  async serve(): Promise<void> {
    const clock = this.#clock;
    const { log, artifacts: store } = this.#stores;
    const gate = createUploadGate({ clock, settings: () => ({ serve: !savesData() }) });
    const limits = { maxInboundStreams: MAX_INBOUND_STREAMS };
    const handleBlocks = (stream: Stream, { remotePeer }: Connection): void => {
      const traffic = this.#trafficOf(remotePeer.toString());
      void serveBlocks(stream, { store, gate, clock, onSent: (bytes) => (traffic.sent += bytes) });
    };
    await this.#libp2p.handle(protocols.blocks, handleBlocks, limits);
    await this.#libp2p.handle(
      protocols.log,
      (stream) => void serveLog(stream, { store: log, clock }),
      limits,
    );
    this.#listen();
  }

  /** Stays connected until the signal fires, or until the node is of no use any more; then stops it. */
  async until(signal: AbortSignal): Promise<never> {
    const again = setInterval(() => this.#tellReachable('again'), ANNOUNCE_AGAIN_MS);
    try {
      await this.#relays.keep(signal);
    } finally {
      clearInterval(again);
      await this.#libp2p.stop();
      this.#stores.close();
    }
    throw new AssayError('E_ABORTED');
  }

  /** Asks the relays who holds an artifact and tells of each holder there is a direct connection to. */
  async find(root: Uint8Array, onFound: (peer: FoundPeer) => void, signal: AbortSignal): Promise<void> {
    await this.#relays.untilConnected(signal);
    const providers = new Map<string, Provider>();
    const lookups = this.#relays.connected.map(async (relay) => {
      const found = await this.#clients
        .providers(relay)
        .lookup(root, signal)
        .catch(() => []);
      for (const provider of found) providers.set(provider.peerId, provider);
    });
    await Promise.all(lookups);
    providers.delete(this.#libp2p.peerId.toString());
    const dialed = [...providers.values()].slice(0, MAX_DIALED);
    await Promise.all(
      dialed.map(async (provider) => {
        const connection = await this.#connect(provider, signal).catch(() => undefined);
        if (connection === undefined) return;
        const id = provider.peerId;
        onFound({ id, label: `tab ${shortPeerId(id)}`, transport: transportOf(connection) });
      }),
    );
  }

  async *readBlocks(
    peer: string,
    root: Uint8Array,
    references: readonly Uint8Array[],
    signal: AbortSignal,
  ): AsyncGenerator<BlockAnswer> {
    const traffic = this.#trafficOf(peer);
    for await (const answer of this.#clients.blocks(peer).readBlocks(root, references, signal)) {
      traffic.received += answer.block?.length ?? 0;
      yield answer;
    }
  }

  /** Directly connected peers that serve the log. */
  async logPeers(): Promise<readonly string[]> {
    const peers = new Set(
      this.#libp2p
        .getConnections()
        .filter(isDirect)
        .map(({ remotePeer }) => remotePeer),
    );
    const serving = await Promise.all(
      [...peers].map(async (peer) => {
        const known = await this.#libp2p.peerStore.get(peer).catch(() => undefined);
        return known?.protocols.includes(protocols.log) === true ? [peer.toString()] : [];
      }),
    );
    return [...new Set(serving.flat())].slice(0, MAX_LOG_PEERS);
  }

  async readLog(peer: string, path: string, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#clients.log(peer).read(path, signal);
  }

  /** Rejects with `E_LOOKUP_UNAVAILABLE` when the peer, such as another tab, answers no lookups. */
  async readLookup(peer: string, purl: string, known: LookupKnown, signal: AbortSignal): Promise<Uint8Array> {
    const { lookup } = this.#clients.log(peer);
    const { protocols: spoken = [] } = (await this.#libp2p.peerStore.get(peerIdFromString(peer))) ?? {};
    if (lookup === undefined || !spoken.includes(protocols.lookup))
      throw new AssayError('E_LOOKUP_UNAVAILABLE');
    return await lookup(purl, known, signal);
  }

  /** Tells the relays that these artifacts are held here, if anybody could call this tab. */
  async announce(roots: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const addresses = this.#relays.ownAddresses.slice(0, MAX_ADDRESSES);
    if (addresses.length === 0) return;
    await this.#askRelays((relay) => relay.announce(roots, addresses, signal));
  }

  async withdraw(roots: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    await this.#askRelays((relay) => relay.withdraw(roots, signal));
  }

  view(): { peerId: string; addresses: readonly string[]; peers: readonly PeerView[] } {
    return {
      peerId: this.#libp2p.peerId.toString(),
      addresses: this.#libp2p.getMultiaddrs().map(String),
      peers: this.#libp2p.getConnections().map((connection) => {
        const id = connection.remotePeer.toString();
        return peerView(connection, this.#kindOf(id), this.#traffic.get(id));
      }),
    };
  }

  #listen(): void {
    const topic = checkpointTopic(this.#config.networkId);
    const { pubsub } = this.#libp2p.services;
    // Tabs are leaves: relays pass checkpoints on. What is in them is checked by the sync that this only triggers.
    pubsub.topicValidators.set(topic, (_peer, { data }) => {
      this.#news({ kind: 'checkpoint', note: data });
      return TopicValidatorResult.Ignore;
    });
    pubsub.subscribe(topic);
    const tellPeers = (): void => this.#news({ kind: 'peers', count: this.#libp2p.getPeers().length });
    this.#libp2p.addEventListener('peer:connect', tellPeers);
    this.#libp2p.addEventListener('peer:disconnect', ({ detail }) => {
      this.#clients.forget(detail.toString());
      this.#traffic.delete(detail.toString());
      // A relay that comes back may have been started anew, and knows nothing of what it was told.
      if (this.#kindOf(detail.toString()) === 'relay') this.#reachableAs = '';
      tellPeers();
    });
    this.#libp2p.addEventListener('peer:identify', () => {
      tellPeers();
      this.#tellReachable();
    });
    this.#libp2p.addEventListener('self:peer:update', () => this.#tellReachable());
  }

  /** What is held is announced when this tab can be called under other addresses than before. */
  #tellReachable(again?: 'again'): void {
    const reachableAs = [...this.#relays.connected, ...this.#relays.ownAddresses].join(' ');
    if (this.#relays.ownAddresses.length === 0) return;
    if (reachableAs === this.#reachableAs && again === undefined) return;
    this.#reachableAs = reachableAs;
    this.#news({ kind: 'reachable' });
  }

  async #connect({ peerId, addresses }: Provider, signal: AbortSignal): Promise<Connection> {
    const id = peerIdFromString(peerId);
    const open = (): Connection | undefined => this.#libp2p.getConnections(id).find(isDirect);
    const before = open();
    if (before !== undefined) return before;
    const own = addresses.filter((address) => address.endsWith(`/webrtc/p2p/${peerId}`));
    if (own.length === 0) throw new AssayError('E_UNREACHABLE');
    const made = await this.#libp2p.dial(
      own.map((address) => multiaddr(address)),
      {
        signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]),
      },
    );
    const connection = isDirect(made) ? made : open();
    if (connection === undefined) throw new AssayError('E_UNREACHABLE');
    this.#closeRelayed(connection);
    return connection;
  }

  /** The relayed connection that carried the signalling would stay open and count against the relay's limits. */
  #closeRelayed({ remotePeer }: Connection): void {
    for (const connection of this.#libp2p.getConnections(remotePeer)) {
      if (!isDirect(connection)) void connection.close().catch(() => undefined);
    }
  }

  async #askRelays(ask: (relay: ProviderClient) => Promise<unknown>): Promise<void> {
    const asked = this.#relays.connected.map((relay) =>
      ask(this.#clients.providers(relay)).catch(() => undefined),
    );
    await Promise.all(asked);
  }

  #trafficOf(peer: string): Traffic {
    return remembered(this.#traffic, peer, () => ({ received: 0, sent: 0 }));
  }

  #kindOf(peer: string): PeerView['kind'] {
    if (this.#config.relays.some(({ peerId }) => peerId === peer)) return 'relay';
    return this.#config.authorities.includes(peer) ? 'authority' : 'tab';
  }
}

/** Whether the person asked for less traffic; then nothing is given away. */
function savesData(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
