import type { Block } from '../block.ts';
import { headerDigest } from '../block.ts';
import { MAX_CLOCK_AHEAD_SECONDS, PROPOSAL_WINDOW } from '../limits.ts';
import { leaderOf, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { isVoteSigned, type Vote } from '../vote.ts';
import { addBlock } from './blocks.ts';
import { footing } from './parents.ts';
import { keepTransactions } from './pending.ts';
import { recordVote } from './record.ts';
import { castNullify, castVote, mayVote } from './voting.ts';

/** Takes in a proposal: the leader's vote always, the body if it is the first one of a view that is near. */
export function recordProposal(step: Step, block: Block, vote: Vote): void {
  const { context, state } = step;
  const { view } = block.header;
  const digest = headerDigest(block.header);
  const isLeaders = vote.signer === leaderOf(context, view) && vote.kind === 'notarise';
  if (!isLeaders || vote.view !== view || vote.digest !== digest) return;
  if (vote.epoch !== context.epoch) return;
  if (view <= state.final.view || view > state.view + PROPOSAL_WINDOW || !isVoteSigned(context, vote)) return;
  recordVote(step, vote);
  // A body of an epoch that is over is not kept, so it must not stand as the proposal either: all would ask for it in vain.
  if (block.header.epoch < context.epoch || viewOf(step.state, view).proposal !== undefined) return;
  step.setView(view, { proposal: digest });
  addBlock(step, block, digest);
}

/** Rule R3: votes for the leader's first proposal in the current view, or against the view if the proposal is not valid. */
export function notarise(step: Step): void {
  const { state } = step;
  const { proposal, mine } = viewOf(state, state.view);
  const hasVoted = mine.notarised !== undefined || mine.nullified === true;
  if (proposal === undefined || hasVoted || !mayVote(step)) return;
  const known = state.blocks.get(proposal);
  if (known === undefined || known.outcome.kind === 'waiting') return;
  if (known.outcome.kind === 'invalid' || !isAcceptable(step, known.block))
    return castNullify(step, state.view);
  const ground = footing(state, known.block.header.parent, state.view);
  if (ground?.kind !== 'firm') return;
  keepTransactions(step, known.outcome.execution.transactions);
  castVote(
    step,
    { kind: 'notarise', view: state.view, digest: proposal },
    { certificates: ground.certificates, block: known },
  );
}

/** What a voter asks beyond validity: a time not far ahead of its own clock, no empty block without need. */
function isAcceptable({ state, now }: Step, { header, transactions }: Block): boolean {
  if (header.view !== state.view || header.time > Math.floor(now / 1000) + MAX_CLOCK_AHEAD_SECONDS)
    return false;
  return transactions.length > 0 || header.parent !== state.final.digest;
}
