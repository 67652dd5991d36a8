import type { RelayDescription } from '@assay/core/net/network-description.ts';
import type { BlockAnswer, LookupKnown } from '@assay/core/net/sources.ts';
import type { Ask } from '../rpc/procedures.ts';
import type { PeerView } from './api.ts';

/** What the libp2p node of the leader tab needs to know. */
export interface PeersConfig {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly relays: readonly RelayDescription[];
  /** Peer ids by what they are known to be. */
  readonly authorities: readonly string[];
}

/** What the libp2p node tells of. */
export type PeersNews =
  | { readonly kind: 'peers'; readonly count: number }
  /** Somebody gossiped a checkpoint, as unchecked bytes. */
  | { readonly kind: 'checkpoint'; readonly note: Uint8Array }
  /** The node can be reached under new addresses, so what it holds has to be announced anew. */
  | { readonly kind: 'reachable' };

/** A peer that says it holds an artifact and to which there is a connection. */
export interface FoundPeer {
  readonly id: string;
  readonly label: string;
  readonly transport: string;
}

/** What the engine of the leader tab asks of the libp2p node in its window; WebRTC exists only there. */
export interface PeerProcedures {
  /** Starts the node and runs it until it is cancelled. */
  readonly run: Ask<PeersConfig, never, PeersNews>;
  /** Tells of peers as they are connected; answers when no more are to be expected. */
  readonly find: Ask<Uint8Array, null, FoundPeer>;
  readonly readBlocks: Ask<
    { readonly peer: string; readonly root: Uint8Array; readonly references: readonly Uint8Array[] },
    null,
    BlockAnswer
  >;
  /** Ids of connected peers that serve the log. */
  readonly logPeers: Ask<null, readonly string[]>;
  readonly readLog: Ask<{ readonly peer: string; readonly path: string }, Uint8Array>;
  readonly readLookup: Ask<
    { readonly peer: string; readonly purl: string; readonly known: LookupKnown },
    Uint8Array
  >;
  readonly announce: Ask<readonly Uint8Array[], null>;
  readonly withdraw: Ask<readonly Uint8Array[], null>;
  readonly view: Ask<
    null,
    { readonly peerId?: string; readonly addresses: readonly string[]; readonly peers: readonly PeerView[] }
  >;
}
