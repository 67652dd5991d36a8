import { install } from '../mutations/hook.ts';
import { mutations } from '../mutations/mutations.ts';
import type { ScenarioName } from '../scenarios/scenarios.ts';

/** Does one run of each scenario and tells of it in full; gives the exit code. */
export async function runSeedCommand(
  names: readonly ScenarioName[],
  seed: number,
  mutationName: string | undefined,
): Promise<number> {
  const mutation = mutations.find(({ name }) => name === mutationName);
  if (mutationName !== undefined && mutation === undefined) {
    console.error(`There is no mutation ${mutationName}.`);
    return 2;
  }
  if (mutation !== undefined) install(mutation);
  // Only now: what is loaded before the mutation would be the source as it is.
  const { doJob } = await import('../do-job.ts');
  const { explainFailure } = await import('./explain-failure.ts');
  let failed = 0;
  for (const scenario of names) {
    const { failures, events, coverage, time } = await doJob({ scenario, firstSeed: seed, runs: 1 });
    console.log(
      `${scenario} ${seed}: ${events} events in ${time.toFixed(0)} ms, ${JSON.stringify(coverage)}`,
    );
    for (const failure of failures) explainFailure(failure);
    failed += failures.length;
  }
  return failed > 0 ? 1 : 0;
}
