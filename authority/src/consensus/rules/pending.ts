import { compareBytes } from '@assay/core/encoding/bytes.ts';
import { hashBytes } from '../block.ts';
import { findPackage, type CheckedTransaction } from '../ledger.ts';
import { MAX_PENDING_BYTES, MAX_PENDING_TRANSACTIONS } from '../limits.ts';
import type { State } from '../state.ts';
import type { Step } from '../step.ts';

/** Takes in a transaction, from a peer or from this authority's services, and passes it on if it was news. */
export function addTransaction(step: Step, bytes: Uint8Array): void {
  const checked = step.context.check(bytes);
  if (!checked.ok || !isWanted(step.state, checked.value)) return;
  const { purl } = checked.value;
  step.set({ pending: new Map(step.state.pending).set(purl, checked.value) });
  step.broadcast({ kind: 'transaction', bytes });
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
