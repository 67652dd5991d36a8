import { compareBytes } from '@assay/core/encoding/bytes.ts';
import { hashBytes } from '../block.ts';
import { findPackage, type CheckedTransaction } from '../ledger.ts';
import { MAX_PENDING_BYTES, MAX_PENDING_TRANSACTIONS } from '../limits.ts';
import type { State } from '../state.ts';
import type { Step } from '../step.ts';

/** Takes in a transaction, from a peer or from this authority's services, and passes it on if it was news. */
export function addTransaction(step: Step, bytes: Uint8Array): void {
  const checked = step.context.check(bytes);
  if (checked.ok && keepTransaction(step, checked.value)) step.broadcast({ kind: 'transaction', bytes });
}

/**
 * Takes in what a valid proposal holds. Its leader may be gone before others heard of it: whoever did hear then passes the
 * transactions on with its ticks, and is not left alone with them.
 */
export function keepTransactions(step: Step, transactions: readonly CheckedTransaction[]): void {
  for (const transaction of transactions) keepTransaction(step, transaction);
}

/** Whether it was news. */
function keepTransaction(step: Step, transaction: CheckedTransaction): boolean {
  if (!isWanted(step.state, transaction)) return false;
  step.set({ pending: new Map(step.state.pending).set(transaction.purl, transaction) });
  return true;
}

/** Whether there is room for one more transaction of this size. */
export function hasRoom({ pending }: State, bytes: number): boolean {
  const waiting = [...pending.values()].reduce((total, one) => total + one.bytes.length, 0);
  return pending.size < MAX_PENDING_TRANSACTIONS && waiting + bytes <= MAX_PENDING_BYTES;
}

/** One transaction per package version: the one with more attestations, of equals the one with the smaller hash. */
function isWanted(state: State, candidate: CheckedTransaction): boolean {
  if (findPackage(state.final.ledger, candidate.purl) !== undefined) return false;
  const rival = state.pending.get(candidate.purl);
  if (rival === undefined) return hasRoom(state, candidate.bytes.length);
  if (candidate.attestations !== rival.attestations) return candidate.attestations > rival.attestations;
  return compareBytes(hashBytes(candidate.hash), hashBytes(rival.hash)) < 0;
}
