import { leaderOf, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { isBusy } from './views.ts';
import { castNullify } from './voting.ts';

/** Rule R5, patience over: nullifies the current view. */
export function giveUpView(step: Step, view: number): void {
  if (view === step.state.view && isBusy(step.context, step.state)) castNullify(step, view);
}

/** Rule R5, seen from others: joins when the leader itself gave up, or more authorities than may be faulty did. */
export function joinNullify(step: Step): void {
  const { context, state } = step;
  const { nullify } = viewOf(state, state.view).votes;
  if (nullify.has(leaderOf(context, state.view)) || nullify.size > context.faults)
    castNullify(step, state.view);
}
