import { leafHash, CompactRange } from '@assay/core/log/merkle.ts';
import { emptyHead } from '@assay/core/records/log-head.ts';
import { ZERO_HASH, type Block, type Hash } from './block.ts';
import type { CheckedTransaction } from './checked-transaction.ts';
import type { SignedTreeHead, TreeHead } from './cosignature.ts';
import { firstEra, type Era, type Network } from './era.ts';
import type { Evidence } from './evidence.ts';
import { ledgerOf, type Execution, type Ledger } from './ledger.ts';
import { PackageIndex } from './package-index.ts';
import type { Certificate, Vote, VoteKind } from './vote.ts';

/** The last final block, or genesis at height 0, and the log after it. */
export interface FinalTip {
  readonly height: number;
  /** In this epoch; 0 for genesis and for the block that closed the epoch before (rule R12). */
  readonly view: number;
  readonly digest: Hash;
  readonly time: number;
  readonly ledger: Ledger;
  /** Missing at genesis. Where the block closed an epoch it may be a descendant's. */
  readonly proof?: Certificate;
  /** When it was found final here, in event time. */
  readonly at: number;
}

/** A block above the last final one. */
export interface KnownBlock {
  readonly block: Block;
  readonly digest: Hash;
  readonly outcome:
    | { readonly kind: 'waiting' }
    | { readonly kind: 'valid'; readonly execution: Execution }
    | { readonly kind: 'invalid'; readonly reason: string };
}

/** What is known about one view. */
export interface ViewState {
  /** The first proposal of the view's leader. */
  readonly proposal?: Hash;
  readonly votes: Readonly<Record<VoteKind, ReadonlyMap<number, Vote>>>;
  readonly certificates: { readonly [K in VoteKind]?: Certificate };
  /** What this authority decided to vote here: set before the vote is durable, never unset. */
  readonly mine: { readonly notarised?: Hash; readonly nullified?: true; readonly finalised?: Hash };
  /** Certificates that were handed to the database. */
  readonly saved: { readonly [K in VoteKind]?: true };
  /** When this authority left the view, in event time. */
  readonly left?: number;
}

/** What is remembered of another authority. */
export interface PeerState {
  /** When anything came from it, in event time. */
  readonly heardAt?: number;
  readonly lastVoteAt?: number;
  /** What it says of where it is: not proven. */
  readonly height?: number;
  readonly epoch?: number;
  /** Answers it may still get, refilled with time. */
  readonly budget: number;
  readonly budgetAt: number;
  /** Views it was answered about since `answeredAt`. */
  readonly answered: ReadonlySet<number>;
  readonly answeredAt: number;
}

/** Cosignatures by signer, then by size. */
export type Cosignatures = ReadonlyMap<number, ReadonlyMap<number, SignedTreeHead>>;

/** Cosignatures, and how far this authority's own log files are. */
export interface CosignState {
  /** The newest head this authority cosigned; durable before the cosignature left. */
  readonly last?: TreeHead;
  /** Its newest cosignature. */
  readonly own?: SignedTreeHead;
  /** Heads whose tiles are on disk here, newest last, a few. */
  readonly durable: readonly TreeHead[];
  /** Of this epoch, by signer, then by size. */
  readonly received: Cosignatures;
  /** Of the epoch before, until the hand-off is final: what it is made of. */
  readonly before: Cosignatures;
  readonly published?: { readonly size: number; readonly freshAsOf: number };
}

/** Why this authority does not vote. */
export interface Halt {
  readonly reason: string;
}

/** It may have forgotten votes made with these keys, in hexadecimal, and must not vote with them again; with none when `keys` is missing. */
export interface Amnesia extends Halt {
  readonly keys?: readonly string[];
}

/** The whole state of one authority's consensus. A value: events give a new one. */
export interface State {
  readonly era: Era;
  /** When the epoch began here, in event time. */
  readonly began: number;
  readonly view: number;
  /** Views entered since the last block became final: the exponent of the patience. */
  readonly entered: number;
  readonly final: FinalTip;
  readonly blocks: ReadonlyMap<Hash, KnownBlock>;
  readonly views: ReadonlyMap<number, ViewState>;
  /** Transactions that wait, by subject. */
  readonly pending: ReadonlyMap<string, CheckedTransaction>;
  /** By name. */
  readonly peers: ReadonlyMap<string, PeerState>;
  readonly cosign: CosignState;
  /** Evidence kept of this epoch and the one before, by `evidenceKey`. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Names of the things asked for since the last tick. */
  readonly asked: ReadonlySet<string>;
  /** Ticks so far: whom to ask rotates with it. */
  readonly ticks: number;
  /** The view each timer was last set for; undefined when off. */
  readonly timers: { readonly view?: number; readonly empty?: number };
  readonly isBusy: boolean;
  /** Since when it is busy, in event time. */
  readonly busySince?: number;
  /** The view for which the leader's wait before an empty block is over. */
  readonly emptyDue?: number;
  /** Why it does not vote now. */
  readonly halted?: Halt;
  readonly amnesia?: Amnesia;
}

const NO_VOTES: ReadonlyMap<number, Vote> = new Map();

/** A view about which nothing is known. */
export const UNKNOWN_VIEW: ViewState = {
  votes: { notarise: NO_VOTES, nullify: NO_VOTES, finalise: NO_VOTES },
  certificates: {},
  mine: {},
  saved: {},
};

/** The state of an authority that has seen nothing but genesis. */
export function genesisState(
  network: Network,
  genesis: { entries: readonly Uint8Array[]; time: number },
): State {
  const range = CompactRange.of();
  for (const entry of genesis.entries) range.append(leafHash(entry));
  const { size } = range;
  const { time } = genesis;
  const log = { ...emptyHead(network.trust), size, batchStart: size, height: 0, time };
  return stateAt(firstEra(network, network.trust.sets[0]), {
    height: 0,
    view: 0,
    digest: network.chain,
    time,
    ledger: ledgerOf(range, { log, packages: new PackageIndex() }),
    at: 0,
  });
}

/** A state with nothing above `final`. */
export function stateAt(era: Era, final: FinalTip): State {
  return {
    era,
    began: 0,
    view: final.view + 1,
    entered: 0,
    final,
    blocks: new Map(),
    views: new Map(),
    pending: new Map(),
    peers: new Map(),
    cosign: { durable: [], received: new Map(), before: new Map() },
    evidence: new Map(),
    asked: new Set(),
    ticks: 0,
    timers: {},
    isBusy: false,
  };
}

/** What is known about a view. */
export function viewOf(state: State, view: number): ViewState {
  return state.views.get(view) ?? UNKNOWN_VIEW;
}

/** The leader of a view. */
export function leaderOf({ count, leaderOffset }: Pick<Era, 'count' | 'leaderOffset'>, view: number): number {
  return (view + leaderOffset) % count;
}

/** The ledger after a block that is final here or was executed, and undefined for any other. */
export function ledgerAfter(state: State, digest: Hash): Ledger | undefined {
  if (digest === state.final.digest) return state.final.ledger;
  const known = state.blocks.get(digest);
  return known?.outcome.kind === 'valid' ? known.outcome.execution.ledger : undefined;
}

/** The digest notarised in `view` if its body is here and valid, parents and all: only then may one go on from it. */
export function certifiedDigest(state: State, view: number): Hash | undefined {
  const digest = viewOf(state, view).certificates.notarise?.digest;
  if (digest === undefined || digest === ZERO_HASH) return undefined;
  return state.blocks.get(digest)?.outcome.kind === 'valid' ? digest : undefined;
}
