import { isHandoffDue } from '../src/consensus/ledger.ts';
import type { Plan, SetChange } from './plan.ts';
import type { Process } from './process.ts';
import type { Surroundings } from './surroundings.ts';
import type { World } from './world.ts';

/** Milliseconds between two attempts of the operators. */
const PAUSE = 700;

/**
 * Operators who want changes of the set submit them, two at a time, until the set is as they want it. Gives how to ask how many
 * changes, hand-off and all, are not final yet.
 */
export function changeSet(world: World, { changes = [] }: Plan, surroundings: Surroundings): () => number {
  const { change } = surroundings;
  const started = world.now;
  const open = () => changes.filter((one) => !isDone(world, one));
  const ask = (): void => {
    const [widest] = byEpoch(world);
    const due = open().filter(({ at }) => world.now >= started + at);
    for (const { joining, leaving } of due.slice(0, 2)) {
      if (widest === undefined || change === undefined) break;
      const members = byEpoch(world).filter((process) => process.isRunning && process.isMember);
      const process = members[world.pick(members.length)];
      process?.happen({ kind: 'transaction', bytes: change(widest.context, joining, leaving) });
    }
    if (open().length > 0) world.after(PAUSE, ask);
  };
  if (changes.length > 0) world.after(PAUSE, ask);
  return () => {
    const [widest] = byEpoch(world);
    if (changes.length === 0 || widest === undefined) return 0;
    return open().length + (isHandoffDue(widest.state.final.ledger, widest.context) ? 1 : 0);
  };
}

/** Honest processes, those in the newest epoch first. */
function byEpoch({ honest }: World): Process[] {
  return honest.toSorted((a, b) => b.state.era.epoch - a.state.era.epoch || a.id - b.id);
}

function isDone(world: World, { joining, leaving }: SetChange): boolean {
  const names = byEpoch(world)[0]?.state.era.names ?? [];
  const isIn = (index: number) => names.includes(world.nameOf(index));
  return joining.every(isIn) && !leaving.some(isIn);
}
