import { EVENTS } from './coverage.ts';
import type { Answer, Failure, Job } from './jobs.ts';
import { onAllCores, SimWorker } from './pool.ts';
import { scenarios, type ScenarioName } from './scenarios/scenarios.ts';

/** From so many runs on each event must have happened. */
const ENOUGH_RUNS = 1_000;
/** Runs a worker does between two reports. */
const BATCH = 20;

/** What came of the runs of one scenario, or of all. */
export interface Tally {
  runs: number;
  failed: number;
  events: number;
  /** Processor time, in milliseconds. */
  time: number;
}

/** What came of a campaign. */
export interface CampaignReport {
  readonly byScenario: ReadonlyMap<ScenarioName, Tally>;
  readonly failures: readonly Failure[];
  readonly coverage: Readonly<Record<string, number>>;
  /** Events that ought to have happened in so many runs, and did not. */
  readonly missing: readonly string[];
}

/** Spreads `seeds` runs over scenarios by their shares and does them on all cores. */
export async function runCampaign(
  names: readonly ScenarioName[],
  seeds: number,
  isReal: boolean,
  onProgress: (runs: number, failed: number) => void,
): Promise<CampaignReport> {
  const jobs: Job[] = jobsFor(names, seeds).map((job) => ({ ...job, isReal }));
  const byScenario = new Map<ScenarioName, Tally>(
    names.map((name) => [name, { runs: 0, failed: 0, events: 0, time: 0 }]),
  );
  const failures: Failure[] = [];
  const coverage: Record<string, number> = {};
  const idle: SimWorker[] = [];
  let runs = 0;
  const take = (answer: Answer): void => {
    const tally = byScenario.get(answer.job.scenario);
    if (tally === undefined) return;
    tally.runs += answer.runs;
    tally.failed += answer.failures.length;
    tally.events += answer.events;
    tally.time += answer.time;
    runs += answer.runs;
    failures.push(...answer.failures);
    for (const [event, times] of Object.entries(answer.coverage))
      coverage[event] = (coverage[event] ?? 0) + times;
    onProgress(runs, failures.length);
  };
  await onAllCores(
    () => jobs.shift(),
    async (job) => {
      const worker = idle.pop() ?? new SimWorker();
      const answer = await worker.do(job);
      if (answer === undefined) {
        const { scenario, firstSeed: seed } = job;
        failures.push({
          scenario,
          seed,
          violations: ['I17: a run from this seed on does not end'],
          trace: '',
        });
        return worker.end();
      }
      idle.push(worker);
      take(answer);
    },
  );
  await Promise.all(idle.map((worker) => worker.end()));
  const missing =
    names.length < Object.keys(scenarios).length || seeds < ENOUGH_RUNS
      ? []
      : EVENTS.filter((event) => !(event in coverage));
  return { byScenario, failures, coverage, missing };
}

/** At least one run of each; the scenarios take turns, so that a campaign cut short has tried them all. */
function jobsFor(names: readonly ScenarioName[], seeds: number): Job[] {
  const shares = names.reduce((sum, name) => sum + scenarios[name].share, 0);
  const left = new Map(
    names.map((name) => [name, Math.max(1, Math.round((seeds * scenarios[name].share) / shares))]),
  );
  const jobs: Job[] = [];
  for (let firstSeed = 1; left.size > 0; firstSeed += BATCH) {
    for (const [scenario, runs] of left) {
      jobs.push({ scenario, firstSeed, runs: Math.min(BATCH, runs) });
      if (runs <= BATCH) left.delete(scenario);
      else left.set(scenario, runs - BATCH);
    }
  }
  return jobs;
}
