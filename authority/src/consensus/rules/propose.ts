import { encodeRecord } from '@assay/core/records/codec.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { hashBytes, headerDigest, transactionRoot, type Block, type Hash } from '../block.ts';
import type { CheckedTransaction } from '../checked-transaction.ts';
import { closesEpoch, Draft } from '../execute.ts';
import { findPackage, isHandoffDue, postOf, type Ledger } from '../ledger.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../limits.ts';
import { ledgerAfter, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { addBlock, placeOf } from './blocks.ts';
import { bestParent, footing } from './parents.ts';
import { castVote, mayVote } from './voting.ts';
import { handoffCosignatures } from './cosign.ts';
import { isBusy, isLeading } from './views.ts';

/** Rule R2: the leader of the current view proposes once, as soon as there is something to propose. */
export function propose(step: Step): void {
  const parent = proposableParent(step);
  if (parent === undefined) return;
  const block = buildBlock(step, parent);
  if (block === undefined) return;
  const { state } = step;
  const ground = footing(state, parent, state.view);
  if (ground?.kind !== 'firm') return;
  const digest = headerDigest(block.header);
  addBlock(step, block, digest);
  step.setView(state.view, { proposal: digest });
  castVote(
    step,
    { kind: 'notarise', view: state.view, digest },
    { certificates: ground.certificates, block: { block, digest } },
    (vote) => ({ kind: 'proposal', block, vote }),
  );
}

/** Whether an empty block would be in order here, but for the wait that keeps it from racing the votes to finalise. */
export function wantsEmptyBlock(step: Step): boolean {
  const parent = proposableParent(step);
  return (
    parent !== undefined && parent !== step.state.final.digest && step.state.emptyDue !== step.state.view
  );
}

/** The parent of this authority's proposal, if it is its turn and it has not voted in this view. */
function proposableParent(step: Step): Hash | undefined {
  const { context, state } = step;
  const { mine, proposal } = viewOf(state, state.view);
  const hasActed = mine.notarised !== undefined || mine.nullified === true || proposal !== undefined;
  if (!isLeading(step) || hasActed || !mayVote(step) || !isBusy(context, state)) return undefined;
  return bestParent(state);
}

/** The next block on `parent`; undefined when there is nothing to put into one and no need for an empty one. */
function buildBlock(step: Step, parent: Hash): Block | undefined {
  const { context, state, now } = step;
  const ledger = ledgerAfter(state, parent);
  const place = placeOf(state, parent);
  if (ledger === undefined || place === undefined) return undefined;
  const draft = new Draft(ledger, context);
  const transactions = fill(step, draft, ledger);
  const isEmptyAllowed = parent !== state.final.digest && state.emptyDue === state.view;
  if (transactions.length === 0 && !isEmptyAllowed) return undefined;
  const time = Math.max(place.time, Math.floor(now / 1000));
  const executed = draft.finish(time);
  return {
    header: {
      v: 1,
      chain: context.chain,
      epoch: context.epoch,
      view: state.view,
      height: place.height + 1,
      parent,
      time,
      txRoot: transactionRoot(transactions),
      txCount: transactions.length,
      closes: closesEpoch(ledger, executed.ledger),
      post: postOf(executed.ledger, context),
    },
    transactions,
  };
}

/**
 * Fills a draft with what waits and the log takes, oldest first, as many as fit into one block. Rule R12: the hand-off before
 * everything in its epoch, a change of the set after everything.
 */
function fill(step: Step, draft: Draft, ledger: Ledger): Uint8Array[] {
  const { context, state } = step;
  if (ledger.closed !== undefined) return [];
  const waiting = [...state.pending.values()];
  const last = waiting.find(({ kind }) => kind === 'authority-change');
  const chosen: Uint8Array[] = [];
  let size = last?.bytes.length ?? 0;
  if (isHandoffDue(ledger, context)) {
    const handoff = makeHandoff(step);
    if (handoff === undefined || !draft.admit(handoff).ok) return [];
    chosen.push(handoff.bytes);
    size += handoff.bytes.length;
  }
  const room = MAX_BLOCK_TRANSACTIONS - (last === undefined ? 0 : 1);
  for (const transaction of waiting) {
    const { bytes } = transaction;
    if (transaction === last || isThere(ledger, transaction)) continue;
    if (chosen.length === room || size + bytes.length > MAX_BLOCK_BYTES) break;
    if (!draft.admit(transaction).ok) continue;
    chosen.push(bytes);
    size += bytes.length;
  }
  if (last !== undefined && draft.admit(last).ok) chosen.push(last.bytes);
  return chosen;
}

/** Spares the log a refusal: what an ancestor holds that is not final yet still waits here. */
function isThere(ledger: Ledger, transaction: CheckedTransaction): boolean {
  return transaction.kind === 'artifact-add' && findPackage(ledger, transaction.purl) !== undefined;
}

/** Rule R12: the first transaction of an epoch, once a quorum of the epoch before cosigned the tree it ended with. */
function makeHandoff(step: Step): CheckedTransaction | undefined {
  const { context } = step;
  const head = context.closings.at(-1)?.head;
  const cosigned = handoffCosignatures(step);
  if (head === undefined || cosigned === undefined) return undefined;
  const record = encodeRecord({
    kind: 'epoch-handoff',
    v: 1,
    epoch: context.epoch,
    size: head.size,
    root: hashBytes(head.root),
    cosignatures: cosigned.map(({ signer, time, signature }) => ({ authority: signer, time, signature })),
    authorities: context.set.authorities,
  });
  const bytes = encodeTransaction({ v: 1, kind: 'epoch-handoff', record });
  const checked = context.checkTransaction(bytes, context);
  return checked.ok ? checked.value : undefined;
}
