import type { FreshKeys, SetChange } from '@assay/core/records/next-set.ts';
import type { LogRecord } from '@assay/core/records/types.ts';
import type { Hash } from './block.ts';

interface Checked {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly hash: Hash;
  /** The log entries it becomes, decoded and encoded. */
  readonly records: readonly LogRecord[];
  readonly entries: readonly Uint8Array[];
  /** What the entries name by its SHA-256; served beside the log. */
  readonly evidence: readonly Uint8Array[];
}

/** A transaction that was found valid in an epoch, whatever the log holds. */
export type CheckedTransaction =
  | CheckedAdd
  | CheckedChange
  | (Checked & { readonly kind: 'equivocation'; readonly name: string })
  /** `root` is that of the tree it names. */
  | (Checked & { readonly kind: 'epoch-handoff'; readonly root: Hash });

/** A package version that a quorum attests. */
export interface CheckedAdd extends Checked {
  readonly kind: 'artifact-add';
  readonly purl: string;
  /** How many authorities attest, to this or to something else: dissent is to be seen in the log, too. */
  readonly attestations: number;
}

/** A change of the authority set that a quorum approves; it closes the epoch. */
export interface CheckedChange extends Checked {
  readonly kind: 'authority-change';
  readonly changes: readonly SetChange[];
  readonly freshKeys: ReadonlyMap<string, FreshKeys>;
  /** How many authorities approve. */
  readonly approvals: number;
}

/** What a transaction is about: of those about one thing, one waits. */
export function subjectOf(transaction: CheckedTransaction): string {
  switch (transaction.kind) {
    case 'artifact-add':
      return transaction.purl;
    case 'authority-change':
    case 'epoch-handoff':
      return transaction.kind;
    case 'equivocation':
      return `equivocation ${transaction.name}`;
    default:
      return transaction satisfies never;
  }
}
