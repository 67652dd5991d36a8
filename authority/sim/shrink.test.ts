import { expect, it } from 'vitest';
import type { Fault, Plan } from './plan.ts';
import type { Outcome } from './run.ts';
import { shrink } from './shrink.ts';

const crash = (process: number): Fault => ({ kind: 'crash', process, unsynced: 'lost', from: 1, to: 2 });

const plan: Plan = {
  scenario: 'made up',
  seed: 1,
  count: 4,
  storm: 10,
  submissions: [0, 1, 2].map((process) => ({ at: 1, process, purl: `pkg:npm/a@${process}`, nonce: 0 })),
  faults: [
    crash(0),
    crash(1),
    { kind: 'byzantine', authority: 3, tricks: ['replay', 'withhold', 'flood'] },
    crash(2),
  ],
  isFaithful: false,
  isEncoded: false,
  isReal: false,
};

/** Breaks I5 whenever process 1 crashes while authority 3 withholds. */
function run({ faults }: Plan): Outcome {
  const crashes = faults.some((fault) => fault.kind === 'crash' && fault.process === 1);
  const withholds = faults.some((fault) => fault.kind === 'byzantine' && fault.tricks.includes('withhold'));
  const violations = crashes && withholds ? ['I5: two blocks'] : crashes ? ['I17: late'] : [];
  return { violations, trace: '', events: 0, coverage: {} };
}

it('leaves only the faults, tricks and transactions that break the same rule', () => {
  const { faults, submissions } = shrink(plan, run);
  expect(faults).toEqual([crash(1), { kind: 'byzantine', authority: 3, tricks: ['withhold'] }]);
  expect(submissions).toHaveLength(1);
});

it('leaves a plan alone that breaks nothing', () => {
  const sound = { ...plan, faults: [crash(0)] };
  expect(shrink(sound, run)).toBe(sound);
});
