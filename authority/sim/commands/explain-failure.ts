import { runSafely } from '../do-job.ts';
import type { Failure } from '../jobs.ts';
import { planOf } from '../scenarios/scenarios.ts';
import { shrink } from '../shrink.ts';

/** Tells what went wrong in a run, how to see it again, and the least that brings it about. */
export function explainFailure({ scenario, seed, violations, trace }: Failure): void {
  console.log(`\nFAILED  --scenario ${scenario} --seed ${seed}  trace ${trace}`);
  for (const violation of violations) console.log(`  ${violation}`);
  const smallest = shrink(planOf(scenario, seed), runSafely);
  const { count, storm, submissions, faults } = smallest;
  console.log(
    `  the least that breaks it: n = ${count}, ${storm} ms, ${runSafely(smallest).violations[0] ?? 'nothing'}`,
  );
  for (const submission of submissions) console.log(`    ${JSON.stringify(submission)}`);
  for (const fault of faults) console.log(`    ${JSON.stringify(fault)}`);
}
