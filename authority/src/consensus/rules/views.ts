import type { Hash } from '../block.ts';
import type { Context } from '../era.ts';
import { isHandoffDue } from '../ledger.ts';
import { certifiedDigest, leaderOf, viewOf, type State } from '../state.ts';
import type { Step } from '../step.ts';

/** Patience doubles with every view that brings no final block, up to this many times. */
const MAX_DOUBLINGS = 6;

/** Rules R1, R4, R6: goes on to the highest view that a certificate or a final block allows. */
export function enterViews(step: Step): void {
  const { state } = step;
  let target = Math.max(state.view, state.final.view + 1);
  for (const [view, known] of state.views) {
    if (view < target) continue;
    if (known.certificates.nullify !== undefined || certifiedDigest(state, view) !== undefined)
      target = view + 1;
  }
  if (target === state.view) return;
  step.setView(state.view, { left: step.now });
  step.set({ view: target, entered: state.entered + 1 });
}

/** D: the delay assumed now, in milliseconds. */
export function patience({ delta }: Context, { entered }: State): number {
  return delta * 2 ** Math.min(entered, MAX_DOUBLINGS);
}

/**
 * Rule R0: whether there is anything to do. Timers run and ticks come fast only then. One authority alone must not be able to
 * keep the others busy, so votes count as activity only from more authorities than may be faulty. Nor must one stay busy alone:
 * its own vote to nullify is no reason by itself, for what it waited for either remains a reason or is settled.
 */
export function isBusy(context: Context, state: State): boolean {
  const { mine } = viewOf(state, state.view);
  const isWaiting = state.pending.size > 0 || mine.notarised !== undefined;
  return (
    isWaiting ||
    isHandoffDue(state.final.ledger, context) ||
    hasOpenCertificate(state) ||
    hasActivity(context, state)
  );
}

/** Whether it is this authority's turn to lead. */
export function isLeading({ context, state }: Step): boolean {
  return leaderOf(context, state.view) === context.me;
}

/** A notarised block above the last final one, or a final one whose body is not here yet. */
function hasOpenCertificate(state: State): boolean {
  return [...state.views.values()].some(
    ({ certificates }) => certificates.notarise !== undefined || certificates.finalise !== undefined,
  );
}

/** Own votes do not count: else one faulty leader and the vote against it would keep an authority busy alone, for ever. */
function hasActivity({ faults, me }: Context, state: State): boolean {
  const voters = new Set<number>();
  for (const [view, { votes, proposal }] of state.views) {
    if (view < state.view) continue;
    if (proposal !== undefined && bringsWork(state, proposal)) return true;
    for (const ofKind of Object.values(votes))
      for (const signer of ofKind.keys()) if (signer !== me) voters.add(signer);
  }
  return voters.size > faults;
}

/** An empty block is no work by itself: one leader alone could make them for ever. What it may close keeps an authority busy already. */
function bringsWork({ blocks, final }: State, proposal: Hash): boolean {
  const known = blocks.get(proposal);
  if (known?.outcome.kind !== 'valid') return false;
  // A block for a later view whose height became final meanwhile can never be built on.
  return known.block.transactions.length > 0 && known.block.header.height > final.height;
}
