import { compareBytes } from '@assay/core/encoding/bytes.ts';
import { hashBytes } from '../block.ts';
import { subjectOf, type CheckedTransaction } from '../checked-transaction.ts';
import { Draft } from '../execute.ts';
import { findPackage, isHandoffDue, suspendedIn } from '../ledger.ts';
import { MAX_PENDING_BYTES, MAX_PENDING_TRANSACTIONS } from '../limits.ts';
import type { State } from '../state.ts';
import type { Step } from '../step.ts';

/** Takes in a transaction, from a peer or from this authority's services, and passes it on if it was news. */
export function addTransaction(step: Step, bytes: Uint8Array): void {
  const { context } = step;
  const checked = context.checkTransaction(bytes, context);
  if (checked.ok && keepTransaction(step, checked.value)) step.broadcast({ kind: 'transaction', bytes });
}

/**
 * Takes in what a valid proposal holds. Its leader may be gone before others heard of it: whoever did hear then passes the
 * transactions on with its ticks, and is not left alone with them.
 */
export function keepTransactions(step: Step, transactions: readonly CheckedTransaction[]): void {
  for (const transaction of transactions) keepTransaction(step, transaction);
}

/** Drops what is in the final log by now. */
export function dropSettled(step: Step): void {
  const { state } = step;
  if (state.pending.size === 0) return;
  const open = [...state.pending].filter(([, transaction]) => !isSettled(step, transaction));
  if (open.length < state.pending.size) step.set({ pending: new Map(open) });
}

/** Judges what waits anew after the authority set changed: attestations and approvals count for one set only. */
export function recheckPending(step: Step): void {
  const { context, state } = step;
  step.set({ pending: new Map() });
  for (const { bytes } of state.pending.values()) {
    const checked = context.checkTransaction(bytes, context);
    if (checked.ok) keepTransaction(step, checked.value);
  }
}

/** Whether it was news. */
function keepTransaction(step: Step, transaction: CheckedTransaction): boolean {
  if (!isWanted(step, transaction)) return false;
  step.set({ pending: new Map(step.state.pending).set(subjectOf(transaction), transaction) });
  return true;
}

/** Whether there is room for one more transaction of this size. */
export function hasRoom({ pending }: State, bytes: number): boolean {
  if (pending.size >= MAX_PENDING_TRANSACTIONS) return false;
  let waiting = bytes;
  for (const one of pending.values()) waiting += one.bytes.length;
  return waiting <= MAX_PENDING_BYTES;
}

/** Whether the final log holds what this transaction is about, or has no place for it. */
function isSettled({ context, state }: Step, transaction: CheckedTransaction): boolean {
  const { ledger } = state.final;
  switch (transaction.kind) {
    case 'artifact-add':
      return findPackage(ledger, transaction.purl) !== undefined;
    case 'equivocation':
      return suspendedIn(ledger).includes(transaction.name);
    case 'authority-change':
      // One that the rules of the log refuse would wait for ever.
      return !isHandoffDue(ledger, context) && !new Draft(ledger, context).admit(transaction).ok;
    case 'epoch-handoff':
      // Each leader makes its own out of the cosignatures it has.
      return true;
    default:
      return transaction satisfies never;
  }
}

/** One transaction per subject: the one with more statements behind it, of equals the one with the smaller hash. */
function isWanted(step: Step, candidate: CheckedTransaction): boolean {
  const { state } = step;
  const rival = state.pending.get(subjectOf(candidate));
  if (rival?.hash === candidate.hash || isSettled(step, candidate)) return false;
  if (rival === undefined) return hasRoom(state, candidate.bytes.length);
  const more = weightOf(candidate) - weightOf(rival);
  return more === 0 ? compareBytes(hashBytes(candidate.hash), hashBytes(rival.hash)) < 0 : more > 0;
}

function weightOf(transaction: CheckedTransaction): number {
  switch (transaction.kind) {
    case 'artifact-add':
      return transaction.attestations;
    case 'authority-change':
      return transaction.approvals;
    default:
      return 0;
  }
}
