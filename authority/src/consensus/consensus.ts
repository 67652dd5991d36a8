import type { Result } from '@assay/core/errors/result.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';

/** The streams to the other authorities: lossy, unordered, authenticated. Peers are indices in the authority set. */
export interface Transport {
  send(to: number, bytes: Uint8Array): void;
  broadcast(bytes: Uint8Array): void;
  onMessage(handler: (from: number, bytes: Uint8Array) => void): void;
  /** Called for each peer whenever a stream to it was opened, so that a laggard hears at once where the others stand. */
  onConnect?(handler: (peer: number) => void): void;
  /** Peers with an open connection, so that an idle authority can say when too few are left. */
  connected?(): ReadonlySet<number>;
}

/** Where notices for the operator go. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

/** Times that tests shorten. */
export interface ConsensusTiming {
  /** D0, the assumed bound of one message delay, in milliseconds. */
  readonly delta: number;
  /** Between two cosignatures of an unchanged checkpoint, in milliseconds. */
  readonly heartbeat: number;
  /** Between two ticks of an idle authority, in milliseconds; up to twice that, by chance. */
  readonly idleTick: number;
}

/** The seeds an authority signs with, 32 bytes each. */
export interface ConsensusKeys {
  readonly vote: Uint8Array;
  readonly cosign: Uint8Array;
  readonly log: Uint8Array;
}

/** What one authority is made of. */
export interface ConsensusOptions {
  readonly trust: NetworkTrust;
  /** Index of this authority in the set. */
  readonly me: number;
  readonly keys: ConsensusKeys;
  /** Holds `consensus.db` and `log/`. */
  readonly dataDir: string;
  readonly transport: Transport;
  /** Unix milliseconds. */
  now(): number;
  readonly timing?: Partial<ConsensusTiming>;
  readonly logger?: Logger;
}

/** A batch that became final. */
export interface FinalBatch {
  /** Height of the consensus block. */
  readonly height: number;
  readonly entries: readonly { readonly index: number; readonly bytes: Uint8Array }[];
}

/** What an authority says of its consensus. */
export interface ConsensusStatus {
  readonly epoch: number;
  readonly view: number;
  /** Height of the last final consensus block. */
  readonly height: number;
  /** Log entries that are in the files of the log. */
  readonly size: number;
  /** Log entries that are final. */
  readonly finalized: number;
  /** Index of the present view's leader. */
  readonly leader: number;
  readonly busy: boolean;
  /** Transactions that wait. */
  readonly pending: number;
  /** Why nothing becomes final, or why this authority does not vote. */
  readonly halted?: { readonly reason: string };
  readonly peers: readonly {
    readonly index: number;
    readonly name: string;
    /** Unix milliseconds. */
    readonly lastVoteAt?: number;
    readonly height?: number;
  }[];
  readonly checkpoint?: { readonly size: number; /** Unix seconds. */ readonly freshAsOf: number };
}

/** One authority's part in agreeing on the log: what its services see of it. */
export interface Consensus {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes a transaction and passes it on. A hint, never a promise: ask `find` until it is there. */
  submit(transaction: Uint8Array): Result<void>;
  /** Log index of a package version among the final entries. */
  find(purl: string): number | undefined;
  /** Hears of every batch that becomes final from now on. Returns how to stop hearing. */
  onFinal(listener: (final: FinalBatch) => void): () => void;
  /** Hears of every checkpoint that is published from now on. Returns how to stop hearing. */
  onCheckpoint(listener: (note: Uint8Array) => void): () => void;
  status(): ConsensusStatus;
  /** The log as C2SP files under `dataDir/log`. */
  readonly logStore: LogStore;
}
