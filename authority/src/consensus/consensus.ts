import type { Result } from '@assay/core/errors/result.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import type { NetworkTrust, Offence } from '@assay/core/records/types.ts';

/** The streams to the other authorities: lossy, unordered, authenticated. Peers go by their names; those outside the set follow. */
export interface Transport {
  send(to: string, bytes: Uint8Array): void;
  broadcast(bytes: Uint8Array): void;
  onMessage(handler: (from: string, bytes: Uint8Array) => void): void;
  /** Called for each peer whenever a stream to it was opened, so that a laggard hears at once where the others stand. */
  onConnect?(handler: (peer: string) => void): void;
  /** Peers with an open connection, so that an idle authority can say when too few are left. */
  connected?(): ReadonlySet<string>;
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

/** The seeds an authority signs with, 32 bytes each, by their public keys; undefined for a key that is not held, or no longer. */
export interface ConsensusKeyRing {
  voteSeed(publicKey: Uint8Array): Uint8Array | undefined;
  cosignSeed(publicKey: Uint8Array): Uint8Array | undefined;
  logSeed(publicKey: Uint8Array): Uint8Array | undefined;
  /** The public vote keys of all seeds held: those an authority that lost its memory must not vote with any more. */
  voteKeys(): readonly Uint8Array[];
}

/** What one authority is made of. */
export interface ConsensusOptions {
  readonly trust: NetworkTrust;
  /** It votes in the epochs whose set has this name with a vote key of the ring; in others it follows. */
  readonly name: string;
  readonly keyRing: ConsensusKeyRing;
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

/** An authority that contradicted itself, as the log says. */
export interface EquivocationNotice {
  readonly name: string;
  readonly offence: Offence;
  readonly epoch: number;
  /** Log index of the record. */
  readonly index: number;
}

/** A change of the authority set. */
export interface MembershipNotice {
  readonly epoch: number;
  /** Log size at which the epoch began. */
  readonly since: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Unix seconds. */
  readonly time: number;
}

/** A record with dissent. */
export interface DisagreementNotice {
  readonly purl: string;
  readonly index: number;
  readonly agree: number;
  readonly dissent: number;
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
  readonly leaderName: string;
  /** Index of this authority in the set; missing when it only follows. */
  readonly me?: number;
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
    /** Where the transport knows. */
    readonly connected?: boolean;
    readonly suspended?: boolean;
  }[];
  /** Contradictions in the log, the newest last. */
  readonly equivocations: readonly EquivocationNotice[];
  /** How the set came about, the newest epoch last. */
  readonly membership: readonly MembershipNotice[];
  /** The newest records that not all builders agreed on, and how many since this process began. */
  readonly disagreements: { readonly count: number; readonly latest: readonly DisagreementNotice[] };
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
  /**
   * Hears twice of every new epoch: when it begins, and when its hand-off is final. Then `trust.current` is `set`: seeds of the
   * epoch before may be erased, and its members be let go. Returns how to stop hearing.
   */
  onEpoch(listener: (set: AuthoritySet, trust: NetworkTrust) => void): () => void;
  /** What genesis and the hand-offs that are final lead to. */
  readonly trust: NetworkTrust;
  /** The authority set in force: that of `trust`, or already the next. */
  readonly set: AuthoritySet;
  /** The tree that the epoch in force began with: what a candidate's acceptance names. */
  readonly epochContext: EpochContext;
  status(): ConsensusStatus;
  /** The log as C2SP files under `dataDir/log`. */
  readonly logStore: LogStore;
  /** What lookups are answered from; undefined before there is a checkpoint. */
  readonly lookups: LookupView | undefined;
}
