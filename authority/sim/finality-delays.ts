import type { Plan } from './plan.ts';
import { Monitor } from './invariants/monitor.ts';
import { fakeSurroundings } from './authorities.ts';
import { leaderOf } from '../src/consensus/state.ts';
import { World } from './world.ts';

/** One-way delay of every message, in milliseconds; commits take no time beside it. */
const DELAY = 50;

/** How long a transaction took to be final, in network delays. */
export interface FinalityRow {
  readonly count: number;
  /** From the leader's proposal until the first authority, and until all, have it final. */
  readonly first: number;
  readonly all: number;
}

/** Measures finality where every message takes the same time: 3 delays are proposal, votes to notarise, votes to finalise. */
export function measureFinality(count: number): FinalityRow {
  const plan: Pick<Plan, 'count' | 'seed'> = { count, seed: 1 };
  const surroundings = fakeSurroundings(count);
  const world = new World({
    ...plan,
    isEncoded: false,
    surroundings,
    faulty: new Set(),
    twins: [],
    makeMonitor: (made) => new Monitor(made, new Set()),
  });
  world.network.exactDelay = DELAY;
  for (const process of world.processes) process.start();
  world.run(200);
  const [first] = world.processes;
  const leader = first === undefined ? undefined : world.processes[leaderOf(first.context, first.state.view)];
  const begun = world.now;
  leader?.happen({ kind: 'transaction', bytes: surroundings.transaction('pkg:npm/finality@1.0.0', 0) });
  const untilFinal = (isDone: () => boolean): number => {
    world.run(60_000, isDone);
    return Math.round(((world.now - begun) / DELAY) * 10) / 10;
  };
  const isFinal = (at: (typeof world.processes)[number]) => at.state.final.height > 0;
  const firstFinal = untilFinal(() => world.processes.some(isFinal));
  const allFinal = untilFinal(() => world.processes.every(isFinal));
  return { count, first: firstFinal, all: allFinal };
}
