import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import type { About, ArtifactAddRecord, LogRecord } from '@assay/core/records/types.ts';
import type { RungId, Verification } from '@assay/core/verify/types.ts';
import type { AuthorityApi } from './authority-api.ts';
import type { FileApi } from './file-api.ts';

/**
 * What a page may ask of the node behind it. Pages know nothing of workers, leaders, IndexedDB or libp2p;
 * every answer here was checked in this browser before it is given.
 */
export interface NodeApi extends FileApi, AuthorityApi {
  /** The newest status. Changes are announced to `subscribe` listeners. */
  readonly status: NodeStatus;
  subscribe(listener: (status: NodeStatus) => void): () => void;
  /** Called whenever the synced log grew, with the new size. */
  onGrowth(listener: (size: number) => void): () => void;

  search(query: string, limit?: number): Promise<SearchAnswer>;
  recent(limit: number): Promise<readonly VersionSummary[]>;
  /** Every logged version of a package, newest record first; empty when the log holds none. */
  versions(packageName: string): Promise<readonly VersionSummary[]>;
  version(purl: string): Promise<VersionView | undefined>;
  /** Climbs the evidence ladder in this tab, now. Never answered from a cache of verdicts. */
  verify(purl: string, artifact?: string): Promise<Verification>;

  /** Fetches, verifies and stores an artifact; the promise settles when it is saved or has failed. */
  fetch(
    purl: string,
    artifact: string,
    onProgress: (progress: FetchProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification>;
  /** Fetches begun earlier (in any tab, before a reload) that are not complete. */
  unfinished(): Promise<readonly UnfinishedFetch[]>;
  /** Downloads that were under way in this very tab when it was reloaded; given once, to be taken up again. */
  takeInterrupted(): readonly { readonly purl: string; readonly artifact: string }[];
  /** Verified bytes of a stored artifact, for saving to disk. Rejects with an AssayError when a check fails. */
  read(purl: string, artifact: string): Promise<Blob>;
  /** Paths and sizes of the files inside a stored npm tarball. */
  files(purl: string, artifact: string): Promise<readonly { path: string; size: number }[]>;
  /** One file out of a stored, verified tarball. */
  file(purl: string, artifact: string, path: string): Promise<Uint8Array>;
  /** The evidence file (`assay-evidence/1`), re-checkable offline by the CLI. */
  exportEvidence(purl: string, artifact?: string): Promise<string>;

  /** Signs and sends a request for a package; progress until it is in the log or has failed. */
  request(
    purl: string,
    onProgress: (progress: RequestProgress) => void,
    signal?: AbortSignal,
  ): Promise<RequestProgress>;
  /** Purls of requests sent from this browser whose end has not been seen. `request` follows them without sending again. */
  openRequests(): Promise<readonly string[]>;

  /** Log entries from `from` (inclusive) to `to` (exclusive), at most 500. */
  entries(from: number, to: number): Promise<readonly EntryView[]>;
  entry(index: number): Promise<EntryView | undefined>;
  checkpoint(): Promise<CheckpointView | undefined>;

  network(): Promise<NetworkView>;
  storage(): Promise<StorageView>;
  pin(purl: string, artifact: string, pinned: boolean): Promise<void>;
  remove(purl: string, artifact: string): Promise<void>;
  /** Whether the node replays the whole log, asks for proofs of single packages only, or goes by the size of the log. */
  modeChoice(): Promise<ModeChoice>;
  /** Starts the node of every tab over in another mode. Nothing stored is lost. */
  chooseMode(choice: ModeChoice): Promise<void>;
  /** Deletes everything this origin stored for the network and starts over. */
  reset(): Promise<void>;
  /** Asks the network now. Resolves when the attempt has ended, well or not. */
  syncNow(): Promise<void>;
}

export type NodePhase = 'starting' | 'syncing' | 'synced' | 'offline' | 'stopped';

export interface NodeStatus {
  readonly phase: NodePhase;
  /** True where the log is not replayed: packages are looked up one by one, each with its proof. */
  readonly light?: boolean;
  /** Entries replayed and checked here; in a light node, those under the checkpoint it checked. */
  readonly size: number;
  /** Entries of the newest checkpoint seen; equals `size` when synced. */
  readonly target: number;
  /** Unix seconds: (f+1)-th newest cosignature of the newest verified checkpoint. */
  readonly freshAsOf?: number;
  readonly lastSyncAt?: number;
  /** True in the one tab that runs the libp2p node. */
  readonly leader: boolean;
  readonly peers: number;
  readonly network?: {
    readonly id: string;
    readonly origin: string;
    readonly authorities: number;
    readonly quorum: number;
  };
  readonly error?: AssayError;
  /** Set when two quorum checkpoints contradict each other: nothing newer is accepted until a person decides. */
  readonly conflict?: {
    /** Authorities that signed both histories. */
    readonly names: readonly string[];
    /** Signed notes. */
    readonly first: string;
    readonly second: string;
    /** Entries that both histories begin with, if that could be shown: records among them stay usable. */
    readonly common?: number;
  };
  /** Set when this node was away for more than 180 days: when it was last here, and how many sources agreed on what came since. */
  readonly reanchored?: { readonly lastSeen: number; readonly sources: number };
}

export interface VersionSummary {
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly index: number;
  /** Unix seconds of the batch that holds the record; absent where that was not replayed. */
  readonly time?: number;
  readonly held: boolean;
}

export interface SearchAnswer {
  readonly hits: readonly VersionSummary[];
  readonly searched: number;
  readonly ms: number;
}

export interface VersionView {
  readonly summary: VersionSummary;
  readonly record: ArtifactAddRecord;
  readonly about: About;
  readonly artifacts: readonly {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    readonly urn: string;
    readonly held: boolean;
    readonly pinned: boolean;
  }[];
  readonly method: 'mirrored';
  readonly builders: readonly string[];
}

export interface UnfinishedFetch {
  readonly purl: string;
  readonly artifact: string;
  /** Blocks stored, of all blocks. */
  readonly received: number;
  readonly total: number;
}

export interface FetchProgress {
  readonly phase: 'looking' | 'connecting' | 'receiving' | 'verifying' | 'saved' | 'failed';
  readonly received: number;
  readonly total: number;
  readonly bytes: number;
  readonly size: number;
  readonly bytesPerSecond: number;
  readonly sources: readonly FetchSource[];
  readonly error?: AssayError;
}

export interface FetchSource {
  readonly id: string;
  readonly label: string;
  readonly kind: 'mirror' | 'peer';
  readonly transport?: string;
  readonly blocks: number;
  readonly state: 'active' | 'idle' | 'dropped';
  readonly reason?: AssayError;
}

export interface RequestProgress {
  readonly id: string;
  readonly purl: string;
  readonly state: 'queued' | 'fetching' | 'agreeing' | 'ordering' | 'in-log' | 'failed';
  readonly needed: number;
  readonly agreed: number;
  readonly authorities: readonly {
    readonly name: string;
    readonly state: 'waiting' | 'fetching' | 'attested' | 'failed';
    readonly digest?: string;
    readonly error?: AssayError;
  }[];
  readonly index?: number;
  readonly error?: AssayError;
}

export interface EntryView {
  readonly index: number;
  readonly record: LogRecord;
  readonly bytes: Uint8Array;
  readonly leafHash: string;
}

export interface CheckpointView {
  readonly text: string;
  readonly size: number;
  readonly root: string;
  readonly freshAsOf: number;
  readonly cosigners: readonly { readonly name: string; readonly time: number }[];
  readonly quorum: number;
}

export interface PeerView {
  readonly id: string;
  readonly kind: 'relay' | 'authority' | 'tab' | 'node';
  readonly state: 'connecting' | 'connected' | 'closed';
  readonly transport: string;
  readonly path: 'direct' | 'relayed';
  readonly direction: 'inbound' | 'outbound';
  readonly since: number;
  readonly received: number;
  readonly sent: number;
}

export interface NetworkView {
  readonly self: {
    readonly peerId?: string;
    readonly addresses: readonly string[];
    readonly leader: boolean;
  };
  readonly peers: readonly PeerView[];
  readonly mirrors: readonly {
    readonly url: string;
    readonly state: 'ok' | 'failing' | 'unknown';
    readonly detail?: string;
    /** The rung of the evidence ladder on which what it served has failed. */
    readonly rung?: RungId;
  }[];
}

export interface StorageView {
  readonly quota?: number;
  readonly usage?: number;
  readonly persisted: boolean;
  readonly logBytes: number;
  readonly artifacts: readonly {
    readonly purl: string;
    readonly artifact: string;
    readonly bytes: number;
    readonly complete: boolean;
    readonly pinned: boolean;
    readonly lastUsed: number;
  }[];
}
