/** Which processes hear each other: equal group numbers do; a process in no group hears nobody. */
export type Grouping = readonly (readonly number[])[];

/** What a byzantine authority does, each trick by itself; see `byzantine/`. */
export type TrickName =
  | 'fork-every-parent'
  | 'vote-for-everything'
  | 'withhold'
  | 'select-receivers'
  | 'replay'
  | 'make-invalid'
  | 'jump-views'
  | 'keep-busy'
  | 'flood';

/** What becomes of writes that were not synced when a process crashed. */
export type Unsynced = 'lost' | 'kept' | 'torn';

/** Something that lasts, in milliseconds since the start of a run. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * One thing that goes wrong in a run, small enough to be left out by itself. Processes and authorities are indices; times are
 * milliseconds since the start of the run.
 */
export type Fault =
  | { readonly kind: 'byzantine'; readonly authority: number; readonly tricks: readonly TrickName[] }
  | { readonly kind: 'silent'; readonly authority: number }
  /** A second process of the same authority; unless it hears all, each of the two hears only some until the storm ends. */
  | { readonly kind: 'twin'; readonly authority: number; readonly hearsAll?: boolean }
  | (Span & { readonly kind: 'crash'; readonly process: number; readonly unsynced: Unsynced })
  /** A crash right before or right after the process's n-th commit is durable; it stays down for a while. */
  | {
      readonly kind: 'crash-at-commit';
      readonly process: number;
      readonly commit: number;
      readonly side: 'before' | 'after';
      readonly down: number;
    }
  /** A crash, and a bit that flipped in the middle of the journal before the restart. */
  | (Span & { readonly kind: 'flipped-byte'; readonly process: number })
  /** A crash, and a restart from what the disk held at an earlier time. */
  | (Span & { readonly kind: 'old-copy'; readonly process: number; readonly copied: number })
  | (Span & { readonly kind: 'slow-disk'; readonly process: number; readonly delay: number })
  | { readonly kind: 'failing-disk'; readonly process: number; readonly at: number }
  | { readonly kind: 'clock-jump'; readonly process: number; readonly at: number; readonly by: number }
  | (Span & { readonly kind: 'frozen-clock'; readonly process: number })
  | (Span & { readonly kind: 'loss' | 'duplicates' | 'late' | 'heavy-tail'; readonly rate: number })
  | (Span & { readonly kind: 'partition'; readonly groups: Grouping })
  /** Nothing gets from the one to the other; the way back stays open. */
  | (Span & { readonly kind: 'one-way'; readonly sender: number; readonly receiver: number });

/** A client's transaction: when and to whom it is first submitted. */
export interface Submission {
  readonly at: number;
  readonly process: number;
  readonly purl: string;
  /** Tells apart transactions for one purl. */
  readonly nonce: number;
}

/** A change of the authority set that operators want from some time on. */
export interface SetChange {
  readonly at: number;
  readonly joining: readonly number[];
  readonly leaving: readonly number[];
}

/** Everything one run is made from; the same plan always gives the same run. */
export interface Plan {
  readonly scenario: string;
  readonly seed: number;
  /** Authorities. */
  readonly count: number;
  /** How long things go wrong, in milliseconds; then the network is fair and all processes run. */
  readonly storm: number;
  readonly submissions: readonly Submission[];
  readonly faults: readonly Fault[];
  /** Processes that are authorities only later, if ever: their indices follow those of the first authorities. */
  readonly candidates?: number;
  readonly changes?: readonly SetChange[];
  /** Whether each client asks one authority only, or one after the other. */
  readonly isFaithful: boolean;
  /** Longest one-way delay in order, in milliseconds, where it is not the usual one. */
  readonly slowest?: number;
  /** Whether more than f authorities are faulty: a fork is to be expected, and to be noticed. */
  readonly isBeyondModel?: boolean;
  /** Signs with ed25519, and has clients judge what was published. */
  readonly isReal: boolean;
  /** Sends every message through its encoding. */
  readonly isEncoded: boolean;
}
