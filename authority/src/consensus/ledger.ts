import type { Hash, PostState } from './block.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { Result } from '@assay/core/errors/result.ts';
import type { CompactRange } from '@assay/core/log/merkle.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import type { LogHead } from '@assay/core/records/log-head.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { CheckedTransaction } from './checked-transaction.ts';
import type { Closing, Era } from './era.ts';
import type { PackageIndex } from './package-index.ts';

/** Checks a transaction by itself, without regard to the log: a pure function of its bytes and of the epoch it is for. */
export type CheckTransaction = (bytes: Uint8Array, era: Era) => Result<CheckedTransaction>;

/** What execution needs to know of the network and the epoch. */
export interface LedgerRules extends Era {
  readonly trust: NetworkTrust;
  readonly checkTransaction: CheckTransaction;
}

/** The state of the log after some block. Never changed in place; forks share what they have in common. */
export interface Ledger {
  readonly size: number;
  readonly root: Hash;
  readonly range: CompactRange;
  /** Where the log stands by the rules that clients replay. */
  readonly log: LogHead;
  /** The purls of all final entries. */
  readonly packages: PackageIndex;
  /** Purls of entries that were not final when this ledger was made, with their log index. */
  readonly added: ReadonlyMap<string, number>;
  /** After the block that closes the epoch: what follows. */
  readonly closed?: Closed;
}

/** How an epoch ends, and the authorities of the next. */
export interface Closed extends Closing {
  readonly next: AuthoritySet;
}

/** A package version that a block adds. */
export interface Addition {
  readonly purl: string;
  readonly index: number;
  /** RFC 6962 leaf hash of its record. */
  readonly leafHash: Uint8Array;
}

/** What a block does to the log. */
export interface Execution {
  readonly ledger: Ledger;
  /** The batch: records and their state record; empty for an empty block. */
  readonly entries: readonly Uint8Array[];
  readonly transactions: readonly CheckedTransaction[];
  readonly additions: readonly Addition[];
}

/** A ledger from its parts, as genesis or the database give them. */
export function ledgerOf(range: CompactRange, parts: Pick<Ledger, 'log' | 'packages'>): Ledger {
  return { ...parts, size: range.size, root: toHex(range.root()), range, added: new Map() };
}

/** The log index of `purl` in this ledger. */
export function findPackage({ packages, added, size }: Ledger, purl: string): number | undefined {
  return added.get(purl) ?? packages.find(purl, size);
}

/** What a header must say about the log after its block. */
export function postOf({ size, root, log, closed }: Ledger, { setHash }: Pick<Era, 'setHash'>): PostState {
  const nextSetHash = closed === undefined ? setHash : toHex(closed.next.setHash);
  return { size, root, mapRoot: toHex(log.packages.root()), nextSetHash };
}

/** Rule R12: whether the epoch has begun and its hand-off is still to come. */
export function isHandoffDue({ log }: Ledger, { epoch }: Pick<Era, 'epoch'>): boolean {
  return log.epoch.set.epoch < epoch;
}

/** Authorities with an equivocation record: they leave at the next change. */
export function suspendedIn({ log }: Ledger): readonly string[] {
  return log.epoch.suspended;
}
