import type { GetBlock } from '../eris/decode.ts';
import type { AssayError, ErrorFields } from '../errors/assay-error.ts';
import type { LookupHead, PackageLookup } from '../lookup/bundle.ts';
import type { ArtifactAddRecord, NetworkTrust } from '../records/types.ts';

/** The five outcomes of checking. There is no other word. */
export type VerdictWord = 'verified' | 'verified-stale' | 'not-in-log' | 'mismatch' | 'could-not-check';

/** The rungs of the evidence ladder, from the bytes up to those who vouch for them. */
export type RungId = 'bytes' | 'blocks' | 'record' | 'inclusion' | 'quorum' | 'history' | 'agreement';

/** One checked step. `fields` carry the numbers and names that `rungSentence` puts into words. */
export interface Rung {
  readonly id: RungId;
  /** `missing`: the evidence does not hold what this check needs. */
  readonly state: 'pass' | 'fail' | 'missing';
  readonly fields: ErrorFields;
  /** Why the rung failed or could not be checked; absent when it passed. */
  readonly error?: AssayError;
  readonly ms: number;
  /** What was compared, as text (hex, base64 or the text itself), for those who want to see it. */
  readonly raw: readonly { readonly label: string; readonly value: string }[];
}

/** What one authority said about the record's package version. */
export interface BuilderOutcome {
  readonly name: string;
  readonly outcome: 'agreed' | 'dissented' | 'failed' | 'absent';
  /** What a dissenter saw, or why an authority could not answer. */
  readonly detail?: string;
}

/** The checkpoint a verdict rests on, once its quorum has been verified. */
export interface CheckpointFacts {
  readonly size: number;
  readonly root: Uint8Array;
  /** Unix seconds: the (f+1)-th newest cosignature. */
  readonly freshAsOf: number;
  readonly cosigners: readonly { readonly name: string; readonly time: number }[];
}

/** A verdict with every rung it rests on. */
export interface Verification {
  readonly verdict: VerdictWord;
  readonly purl: string;
  readonly artifact?: string;
  readonly rungs: readonly Rung[];
  readonly checkpoint?: CheckpointFacts;
  readonly record?: ArtifactAddRecord;
  readonly index?: number;
  readonly builders?: readonly BuilderOutcome[];
  readonly ms: number;
}

/** A tree head seen before, and the proof that connects it with the evidence's checkpoint (from the smaller to the larger). */
export interface PreviousHead {
  readonly size: number;
  readonly root: Uint8Array;
  readonly consistency: readonly Uint8Array[];
}

/** What two histories have in common: their first `size` entries, with the proofs that either head contains them. */
export interface CommonHistory {
  readonly size: number;
  readonly root: Uint8Array;
  /** From `size` to the head of this history. */
  readonly ours: readonly Uint8Array[];
  /** From `size` to the contradicting head. */
  readonly theirs: readonly Uint8Array[];
}

/**
 * Shows that two heads contradict each other: `root` is what the larger of the two histories has at the size of the smaller one, as
 * `consistency` proves.
 */
export interface ConflictProof {
  readonly root: Uint8Array;
  readonly consistency: readonly Uint8Array[];
  readonly common?: CommonHistory;
}

/** A second checkpoint, signed by a quorum, that contradicts `Evidence.checkpoint`. */
export interface ConflictingCheckpoint extends ConflictProof {
  readonly checkpoint: Uint8Array;
}

/** The bytes under test: as a file, as ERIS blocks, or not at hand, so that only the file's name is known. */
export type ArtifactContent =
  | { readonly kind: 'bytes'; chunks(): AsyncIterable<Uint8Array> }
  | { readonly kind: 'blocks'; readonly get: GetBlock }
  | { readonly kind: 'absent' };

/**
 * What the map of packages, whose root the state record at the end of the tree carries, says of the version's package, and what
 * proves it.
 */
export type LookupEvidence = PackageLookup & Pick<LookupHead, 'state' | 'edge'>;

/** Everything a verdict rests on. Nothing in it is believed but `trust`, `previous` and `absence`, which are the client's own. */
export interface Evidence {
  readonly trust: NetworkTrust;
  /** The version under test, or the `digestSubject` of a file that no record is known for. */
  readonly purl: string;
  /** The log entry that is said to record `purl`. */
  readonly entry?: { readonly index: number; readonly bytes: Uint8Array };
  /** Audit path from the entry to the checkpoint's root. */
  readonly inclusion?: readonly Uint8Array[];
  /** In place of `inclusion`, or of `absence`: shows which record, if any, is that of `purl`. */
  readonly lookup?: LookupEvidence;
  /** Signed note. */
  readonly checkpoint?: Uint8Array;
  /** What this client saw before; absent on first sight. */
  readonly previous?: PreviousHead;
  /** Set when a full replay by this client reached this root and met no record of `purl`. */
  readonly absence?: { readonly size: number; readonly root: Uint8Array };
  /** Evidence bundle: the attestations behind the record. */
  readonly agreement?: Uint8Array;
  readonly artifact?: { readonly name: string; readonly content: ArtifactContent };
  readonly conflicts?: readonly ConflictingCheckpoint[];
}
