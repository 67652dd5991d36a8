import { viewOf, type State } from '../../src/consensus/state.ts';
import type { Recovered } from '../../src/consensus/store.ts';
import type { Report } from './monitor.ts';

/**
 * R11: whoever was restarted knows every certificate that its disk holds for the views above the last final block. Another may
 * hold none of them: the vote that completed one need not be said again.
 */
export function checkRestart(
  report: Report,
  authority: number,
  { certificates }: Recovered,
  state: State,
): void {
  for (const { kind, epoch, view } of certificates) {
    if (epoch !== state.era.set.epoch || view <= state.final.view) continue;
    if (viewOf(state, view).certificates[kind] === undefined)
      report(`R11: ${authority} forgot its certificate to ${kind} view ${view}`);
  }
}
