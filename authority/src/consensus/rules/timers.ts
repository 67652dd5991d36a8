import { viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { wantsEmptyBlock } from './propose.ts';
import { isBusy, patience } from './views.ts';

/** A view lasts three delays before it is given up: one each for proposal, notarise and finalise votes (rule R1). */
const DELAYS_PER_VIEW = 3;

/** Sets and stops the timers so that they fit the state after a step. Idle authorities have none. */
export function setTimers(step: Step): void {
  const { context, state } = step;
  const busy = isBusy(context, state);
  if (busy !== state.isBusy) {
    step.set({ isBusy: busy, busySince: step.now });
    step.emit({ kind: 'tick-rate', busy });
  }
  const isOver = viewOf(state, state.view).mine.nullified === true;
  setTimer(
    step,
    'view',
    busy && !isOver ? state.view : undefined,
    DELAYS_PER_VIEW * patience(context, state),
  );
  setTimer(step, 'empty', wantsEmptyBlock(step) ? state.view : undefined, patience(context, state));
}

function setTimer(step: Step, timer: 'view' | 'empty', view: number | undefined, after: number): void {
  const { timers } = step.state;
  if (timers[timer] === view) return;
  const { [timer]: _, ...others } = timers;
  step.set({ timers: view === undefined ? others : { ...others, [timer]: view } });
  step.emit(view === undefined ? { kind: 'stop-timer', timer } : { kind: 'set-timer', timer, view, after });
}
