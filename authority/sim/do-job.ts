import type { Answer, Failure, Job } from './jobs.ts';
import { runPlan, type Outcome } from './run.ts';
import { planOf } from './scenarios/scenarios.ts';
import type { Plan } from './plan.ts';

/** Does the runs of a job one after the other. */
export async function doJob(job: Job): Promise<Answer> {
  const { scenario, firstSeed } = job;
  const failures: Failure[] = [];
  const coverage: Record<string, number> = {};
  let events = 0;
  let runs = 0;
  const started = performance.now();
  for (; runs < job.runs; runs++) {
    const seed = firstSeed + runs;
    const outcome = await runToTheEnd(planOf(scenario, seed, job.isReal === true ? { isReal: true } : {}));
    events += outcome.events;
    for (const [event, times] of Object.entries(outcome.coverage)) {
      coverage[event] = (coverage[event] ?? 0) + times;
    }
    if (outcome.violations.length === 0) continue;
    failures.push({ scenario, seed, violations: outcome.violations, trace: outcome.trace });
    if (job.isStoppedByFailure !== true) continue;
    runs += 1;
    break;
  }
  return { job, runs, failures, coverage, events, time: performance.now() - started };
}

/** A run and, where its signatures are real, what clients say of it. */
async function runToTheEnd(plan: Plan): Promise<Outcome> {
  const outcome = runSafely(plan);
  if (outcome.violations.length > 0 || outcome.judgeAsClient === undefined) return outcome;
  return { ...outcome, violations: await outcome.judgeAsClient() };
}

/** A run; an exception in it is a violation. */
export function runSafely(plan: Plan): Outcome {
  try {
    return runPlan(plan);
  } catch (error) {
    const violation = `exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    return { violations: [violation], trace: '', events: 0, coverage: {} };
  }
}
