import { hashBytes, type Block, type Hash, type PostState } from './block.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { leafHash, type CompactRange } from '@assay/core/log/merkle.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import type { PackageMap } from '@assay/core/records/package-map.ts';
import type { PackageIndex } from './package-index.ts';

/** A transaction that was found valid: a pure function of its bytes and of the authority set. */
export interface CheckedTransaction {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly hash: Hash;
  readonly purl: string;
  /** How many authorities attest, to this or to something else: dissent is to be seen in the log, too. */
  readonly attestations: number;
  /** The log entry it becomes. */
  readonly entry: Uint8Array;
  /** The evidence bundle the entry names by its SHA-256. */
  readonly evidence: Uint8Array;
}

/** Checks a transaction by itself, without regard to the log; must be pure. */
export type CheckTransaction = (bytes: Uint8Array) => Result<CheckedTransaction>;

/** What execution needs to know of the network. */
export interface LedgerRules {
  readonly epoch: number;
  readonly setHash: Hash;
  readonly check: CheckTransaction;
}

/** The state of the log after some block. Never changed in place; forks share what they have in common. */
export interface Ledger {
  readonly size: number;
  readonly root: Hash;
  /** Batches after genesis: the height in the last state record. */
  readonly batches: number;
  readonly range: CompactRange;
  /** All that the log says of each package; its root is in every state record. */
  readonly map: PackageMap;
  /** The purls of all final entries. */
  readonly packages: PackageIndex;
  /** Purls of entries that were not final when this ledger was made, with their log index. */
  readonly added: ReadonlyMap<string, number>;
}

/** What a block does to the log. */
export interface Execution {
  readonly ledger: Ledger;
  /** The batch: records and their state record; empty for an empty block. */
  readonly entries: readonly Uint8Array[];
  readonly transactions: readonly CheckedTransaction[];
}

/** A ledger from its parts, as genesis or the database give them. */
export function ledgerOf(
  range: CompactRange,
  batches: number,
  { map, packages }: Pick<Ledger, 'map' | 'packages'>,
): Ledger {
  return { size: range.size, root: toHex(range.root()), batches, range, map, packages, added: new Map() };
}

/** The log index of `purl` in this ledger. */
export function findPackage({ packages, added, size }: Ledger, purl: string): number | undefined {
  return added.get(purl) ?? packages.find(purl, size);
}

/**
 * Appends the records of `transactions` and one state record; nothing at all when there are none. Fails with the
 * transaction's own error, or with E_ALREADY_IN_LOG when its package version is there.
 */
export function execute(
  parent: Ledger,
  { time, transactions }: { time: number; transactions: readonly Uint8Array[] },
  rules: LedgerRules,
): Result<Execution> {
  const checked: CheckedTransaction[] = [];
  const added = new Map(parent.added);
  for (const bytes of transactions) {
    const one = rules.check(bytes);
    if (!one.ok) return one;
    const { purl } = one.value;
    const index = added.get(purl) ?? parent.packages.find(purl, parent.size);
    if (index !== undefined) return fail('E_ALREADY_IN_LOG', { purl, index });
    added.set(purl, parent.size + checked.length);
    checked.push(one.value);
  }
  if (checked.length === 0) return ok({ ledger: parent, entries: [], transactions: [] });
  const range = parent.range.clone();
  let { map } = parent;
  for (const { entry, purl } of checked) {
    const leaf = leafHash(entry);
    map = map.addVersion(purl, range.size, leaf);
    range.append(leaf);
  }
  const place = { batch: parent.batches + 1, time, prevSize: parent.size, mapRoot: map.root() };
  const entries = batchEntries(checked, place, rules);
  for (const state of entries.slice(checked.length)) range.append(leafHash(state));
  const ledger = {
    ...ledgerOf(range, parent.batches + 1, { map, packages: parent.packages }),
    added: stillOpen(added, parent.packages),
  };
  return ok({ ledger, entries, transactions: checked });
}

/** The log entries of one batch: the records, then the state record that sums them up. */
export function batchEntries(
  transactions: readonly CheckedTransaction[],
  place: { batch: number; time: number; prevSize: number; mapRoot: Uint8Array },
  { epoch, setHash }: LedgerRules,
): Uint8Array[] {
  const state = encodeRecord({
    kind: 'state',
    v: 1,
    epoch,
    height: place.batch,
    time: place.time,
    prevSize: place.prevSize,
    mapRoot: place.mapRoot,
    setHash: hashBytes(setHash),
    recordCount: transactions.length,
  });
  return [...transactions.map((transaction) => transaction.entry), state];
}

/** What a header must say about the log after its block. */
export function postOf({ size, root, map }: Ledger, { setHash }: LedgerRules): PostState {
  return { size, root, mapRoot: toHex(map.root()), nextSetHash: setHash };
}

/** Executes a whole block and compares the outcome with what its header promises. */
export function executeBlock(parent: Ledger, block: Block, rules: LedgerRules): Result<Execution> {
  const { header, transactions } = block;
  const executed = execute(parent, { time: header.time, transactions }, rules);
  if (!executed.ok) return executed;
  const { size, root, mapRoot, nextSetHash } = postOf(executed.value.ledger, rules);
  const { post } = header;
  const isSame =
    post.size === size && post.root === root && post.mapRoot === mapRoot && post.nextSetHash === nextSetHash;
  return isSame
    ? executed
    : fail('E_CONSENSUS_BLOCK', { reason: 'another state of the log than its transactions give' });
}

/** Drops what became final in the meantime, so that a chain of blocks does not carry its whole history along. */
function stillOpen(added: ReadonlyMap<string, number>, packages: PackageIndex): ReadonlyMap<string, number> {
  return new Map([...added].filter(([purl]) => packages.find(purl) === undefined));
}
