import type { DisagreementAnswer } from '@assay/core/authorities/disagreements.ts';
import type { EpochFacts } from '@assay/core/authorities/history.ts';
import type { LoggedChange } from '@assay/core/authorities/membership-scan.ts';
import type { StatusReport } from '@assay/core/authorities/report.ts';

/** What a page may ask of the node about the authorities. What was checked here and what is only reported are kept apart. */
export interface AuthorityApi {
  /** Who the authorities are, and how they are reported to be now. Quick; may be asked every second. */
  authorities(): Promise<AuthoritiesView>;
  /** What the replayed log says of its authorities; undefined in a light node, which has not replayed it. */
  authorityRecords(): Promise<AuthorityRecordsView | undefined>;
}

export interface AuthoritiesView {
  readonly epoch: number;
  readonly quorum: number;
  /** How many may be faulty without harm. */
  readonly tolerated: number;
  /** In the order of the set, each with its newest cosignature in the checkpoint that was verified here, Unix seconds. */
  readonly members: readonly { readonly name: string; readonly cosignedAt?: number }[];
  /** The newest checkpoint verified here. `members` is the size of the set that signed it. */
  readonly checkpoint?: {
    readonly size: number;
    readonly freshAsOf: number;
    readonly cosigners: readonly { readonly name: string; readonly time: number }[];
    readonly members: number;
  };
  /** Every epoch, oldest first: from genesis and the hand-offs verified here. */
  readonly history: readonly EpochFacts[];
  /** What the relay of this origin says; undefined when it does not answer. Information, never part of a verdict. */
  readonly report?: StatusReport & {
    /** Unix seconds of the answer. */
    readonly at: number;
  };
}

export interface AuthorityRecordsView {
  /** Entries of the log that were replayed and looked through. */
  readonly size: number;
  /** Equivocations, additions and removals, oldest first. */
  readonly changes: readonly LoggedChange[];
  /** Members that leave when the epoch ends, for the log proves that they equivocated. */
  readonly suspended: readonly string[];
  readonly disagreements: DisagreementAnswer;
}
