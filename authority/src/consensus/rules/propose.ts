import { headerDigest, transactionRoot, type Block, type Hash } from '../block.ts';
import { execute, findPackage, postOf, type Ledger } from '../ledger.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../limits.ts';
import { ledgerAfter, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { addBlock, placeOf } from './blocks.ts';
import { bestParent, footing } from './parents.ts';
import { castVote } from './voting.ts';
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
  if (!isLeading(step) || hasActed || state.halted !== undefined || !isBusy(context, state)) return undefined;
  return bestParent(state);
}

/** The next block on `parent`; undefined when there is nothing to put into one and no need for an empty one. */
function buildBlock(step: Step, parent: Hash): Block | undefined {
  const { context, state, now } = step;
  const ledger = ledgerAfter(state, parent);
  const place = placeOf(state, parent);
  if (ledger === undefined || place === undefined) return undefined;
  const transactions = eligible(step, ledger);
  const isEmptyAllowed = parent !== state.final.digest && state.emptyDue === state.view;
  if (transactions.length === 0 && !isEmptyAllowed) return undefined;
  const time = Math.max(place.time, Math.floor(now / 1000));
  const executed = execute(ledger, { time, transactions }, context);
  if (!executed.ok) return undefined;
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
      closes: false,
      post: postOf(executed.value.ledger, context),
    },
    transactions,
  };
}

/** Waiting transactions that the log does not hold at `ledger`, oldest first, as many as fit into one block. */
function eligible({ state }: Step, ledger: Ledger): Uint8Array[] {
  const chosen: Uint8Array[] = [];
  let size = 0;
  for (const { purl, bytes } of state.pending.values()) {
    if (findPackage(ledger, purl) !== undefined) continue;
    if (chosen.length === MAX_BLOCK_TRANSACTIONS || size + bytes.length > MAX_BLOCK_BYTES) break;
    chosen.push(bytes);
    size += bytes.length;
  }
  return chosen;
}
