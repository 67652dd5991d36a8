import { describe, expect, it } from 'vitest';
import { runPlan } from './run.ts';
import { planOf } from './scenarios/scenarios.ts';
import type { Plan } from './plan.ts';

/** A run without any fault. */
function fairPlan(changes: Partial<Plan> = {}): Plan {
  return {
    scenario: 'fair',
    seed: 7,
    count: 4,
    storm: 1_000,
    submissions: [{ at: 10, process: 1, purl: 'pkg:npm/a@1.0.0', nonce: 0 }],
    faults: [],
    isFaithful: false,
    isEncoded: false,
    isReal: false,
    ...changes,
  };
}

describe('a simulated run', () => {
  it('is the same run again from the same seed, also after others', { timeout: 120_000 }, () => {
    for (const name of ['siege', 'twins', 'disks', 'spam'] as const) {
      const first = runPlan(planOf(name, 3));
      runPlan(planOf(name, 4));
      expect(runPlan(planOf(name, 3)), name).toEqual(first);
    }
  });

  it('is another run from another seed', () => {
    expect(runPlan(fairPlan()).trace).not.toBe(runPlan(fairPlan({ seed: 8 })).trace);
  });

  it('breaks no rule, whether messages are encoded or not', () => {
    expect(runPlan(fairPlan()).violations).toEqual([]);
    expect(runPlan(fairPlan({ isEncoded: true })).violations).toEqual([]);
  });

  it('is judged by clients where its signatures are real', { timeout: 60_000 }, async () => {
    const { violations, judgeAsClient } = runPlan(fairPlan({ isReal: true, isEncoded: true }));
    expect(violations).toEqual([]);
    expect(await judgeAsClient?.()).toEqual([]);
  });

  it('breaks I17 when more than f authorities are gone for good', () => {
    const faults = [0, 1].map((authority) => ({ kind: 'silent' as const, authority }));
    expect(runPlan(fairPlan({ faults })).violations[0]).toMatch(/^I17/);
  });

  it('breaks a rule of safety when more than f authorities run twice and a partition parts them', () => {
    const { faults, submissions } = planOf('fork', 1);
    const outcome = runPlan(fairPlan({ faults, submissions, storm: 4_000, count: planOf('fork', 1).count }));
    expect(outcome.violations[0]).toMatch(/^I(5|7|8)/);
  });
});
