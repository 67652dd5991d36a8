import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { leafHash, type CompactRange } from '@assay/core/log/merkle.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import { checkNext } from '@assay/core/records/batch-rules.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { headAfter, stateRecordAt, type LogHead } from '@assay/core/records/log-head.ts';
import { nextSet } from '@assay/core/records/next-set.ts';
import type { Block } from './block.ts';
import type { CheckedChange, CheckedTransaction } from './checked-transaction.ts';
import {
  findPackage,
  isHandoffDue,
  ledgerOf,
  postOf,
  type Addition,
  type Execution,
  type Ledger,
  type LedgerRules,
} from './ledger.ts';

const NO_BYTES = new Uint8Array(0);

/** The transactions of one block, admitted one after the other under the rules that every client replays. */
export class Draft {
  readonly #parent: Ledger;
  readonly #rules: LedgerRules;
  readonly #range: CompactRange;
  readonly #transactions: CheckedTransaction[] = [];
  readonly #additions: Addition[] = [];
  readonly #added = new Map<string, number>();
  #log: LogHead;
  #next: AuthoritySet | undefined;

  constructor(parent: Ledger, rules: LedgerRules) {
    this.#parent = parent;
    this.#rules = { ...rules, trust: { ...rules.trust, sets: rules.sets, current: rules.set } };
    this.#range = parent.range.clone();
    this.#log = parent.log;
  }

  /**
   * Adds a transaction, or leaves all as it was. Rule R12: the hand-off comes first in its epoch, a change of the set last. Fails
   * with E_ALREADY_IN_LOG for a version that is there, else with the error of the rule that is broken.
   */
  admit(transaction: CheckedTransaction): Result<void> {
    if (this.#parent.closed !== undefined || this.#next !== undefined)
      return refused('it has transactions after the end of its epoch');
    const isFirst = this.#transactions.length === 0 && isHandoffDue(this.#parent, this.#rules);
    if (isFirst !== (transaction.kind === 'epoch-handoff'))
      return refused('the hand-off is not where the epoch begins');
    if (transaction.kind === 'artifact-add') {
      const { purl } = transaction;
      const index = this.#indexOf(purl);
      if (index !== undefined) return fail('E_ALREADY_IN_LOG', { purl, index });
    }
    if (transaction.kind === 'epoch-handoff' && transaction.root !== this.#parent.root)
      return refused('its hand-off names another tree than the epoch before ended with');
    const log = this.#logAfter(transaction);
    if (!log.ok) return log;
    if (transaction.kind === 'authority-change') {
      const next = this.#successor(transaction, log.value);
      if (!next.ok) return next;
      this.#next = next.value;
    }
    this.#log = log.value;
    this.#transactions.push(transaction);
    this.#append(transaction);
    return ok(undefined);
  }

  /** The batch and the log after it; the log itself when nothing was admitted. `time` in unix seconds. */
  finish(time: number): Execution {
    const parent = this.#parent;
    if (this.#transactions.length === 0)
      return { ledger: parent, entries: [], transactions: [], additions: [] };
    const next = this.#next;
    const record = stateRecordAt(this.#log, time, next?.setHash);
    const state = encodeRecord(record);
    // The last leaf's siblings on the way up are the perfect subtrees before it, the smallest first.
    const proof = this.#range.hashes.toReversed();
    this.#range.append(leafHash(state));
    const log = headAfter(this.#log, this.#rules.trust.genesis.origin, record, state);
    const base = ledgerOf(this.#range, { log, packages: parent.packages });
    const head = { size: base.size, root: base.root };
    const closed = next === undefined ? {} : { closed: { next, head, state, proof } };
    return {
      ledger: { ...base, added: this.#openAdditions(), ...closed },
      entries: [...this.#transactions.flatMap(({ entries }) => entries), state],
      transactions: this.#transactions,
      additions: this.#additions,
    };
  }

  #logAfter({ records, entries }: CheckedTransaction): Result<LogHead> {
    const { trust } = this.#rules;
    const rules = { trust, looksAtMap: true, indexOf: (purl: string) => this.#indexOf(purl) };
    let log = this.#log;
    for (const [at, record] of records.entries()) {
      const entry = entries[at] ?? NO_BYTES;
      const checked = checkNext(log, record, entry, rules);
      if (!checked.ok) return checked;
      log = headAfter(log, trust.genesis.origin, record, entry);
    }
    return ok(log);
  }

  /** The set after a change: the tree that its epoch ends with holds its records and the state record. */
  #successor({ changes, freshKeys }: CheckedChange, { size, epoch }: LogHead): Result<AuthoritySet> {
    const { origin } = this.#rules.trust.genesis;
    const { suspended } = epoch;
    return nextSet(this.#rules.set, { changes, freshKeys, suspended, since: size + 1, origin });
  }

  #append(transaction: CheckedTransaction): void {
    for (const entry of transaction.entries) {
      const index = this.#range.size;
      const leaf = leafHash(entry);
      this.#range.append(leaf);
      if (transaction.kind !== 'artifact-add') continue;
      const { purl } = transaction;
      this.#additions.push({ purl, index, leafHash: leaf });
      this.#added.set(purl, index);
    }
  }

  #indexOf(purl: string): number | undefined {
    return this.#added.get(purl) ?? findPackage(this.#parent, purl);
  }

  /** Without what became final in the meantime, so that a chain of blocks does not carry its whole history along. */
  #openAdditions(): ReadonlyMap<string, number> {
    const { added, packages } = this.#parent;
    const all = new Map([...added, ...this.#added]);
    return new Map([...all].filter(([purl]) => packages.find(purl) === undefined));
  }
}

/**
 * Appends the records of `transactions` and one state record; nothing at all when there are none. Fails with the transaction's own
 * error, or as `Draft.admit` does.
 */
export function execute(
  parent: Ledger,
  { time, transactions }: { time: number; transactions: readonly Uint8Array[] },
  rules: LedgerRules,
): Result<Execution> {
  const draft = new Draft(parent, rules);
  for (const bytes of transactions) {
    const checked = rules.checkTransaction(bytes, rules);
    if (!checked.ok) return checked;
    const admitted = draft.admit(checked.value);
    if (!admitted.ok) return admitted;
  }
  return ok(draft.finish(time));
}

/** Executes a whole block and compares the outcome with what its header promises. */
export function executeBlock(parent: Ledger, block: Block, rules: LedgerRules): Result<Execution> {
  const { header, transactions } = block;
  const executed = execute(parent, { time: header.time, transactions }, rules);
  if (!executed.ok) return executed;
  const { ledger } = executed.value;
  const { size, root, mapRoot, nextSetHash } = postOf(ledger, rules);
  const { post } = header;
  const isSame =
    post.size === size && post.root === root && post.mapRoot === mapRoot && post.nextSetHash === nextSetHash;
  if (!isSame) return refused('another state of the log than its transactions give');
  return header.closes === closesEpoch(parent, ledger)
    ? executed
    : refused('it is wrong about the end of its epoch');
}

/** Whether the block between these two ledgers closes the epoch. */
export function closesEpoch(before: Ledger, after: Ledger): boolean {
  return before.closed === undefined && after.closed !== undefined;
}

function refused(reason: string): Result<never> {
  return fail('E_CONSENSUS_BLOCK', { reason });
}
