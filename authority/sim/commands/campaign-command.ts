import { runCampaign, type CampaignReport } from '../campaign.ts';
import { measureFinality } from '../finality-delays.ts';
import { ProgressLine } from '../progress.ts';
import type { ScenarioName } from '../scenarios/scenarios.ts';
import { explainFailure } from './explain-failure.ts';

/** Failures that are shrunk and shown in full; of the others only the seed is told. */
const MOST_EXPLAINED = 3;

/** Does so many runs over the scenarios and tells what came of them. */
export async function runCampaignCommand(
  names: readonly ScenarioName[],
  seeds: number,
  isReal: boolean,
): Promise<CampaignReport> {
  const line = new ProgressLine();
  const report = await runCampaign(names, seeds, isReal, (runs, failed) =>
    line.show(`${runs} of ${seeds} runs, ${failed} failed`),
  );
  line.clear();
  printTable(report);
  printCoverage(report);
  if (names.length > 1) printFinality();
  for (const failure of report.failures.slice(0, MOST_EXPLAINED)) explainFailure(failure);
  for (const { scenario, seed, violations } of report.failures.slice(MOST_EXPLAINED))
    console.log(`FAILED  --scenario ${scenario} --seed ${seed}: ${violations[0] ?? ''}`);
  for (const event of report.missing) console.log(`FAILED  it never happened: ${event}`);
  const runs = [...report.byScenario.values()].reduce((sum, one) => sum + one.runs, 0);
  const rate = (runs / Math.max(1, line.seconds)).toFixed(0);
  console.log(
    `\n${runs} runs in ${line.seconds} s (${rate} a second): ${report.failures.length} broke a rule; ${report.missing.length} events were never seen`,
  );
  return report;
}

function printTable({ byScenario }: CampaignReport): void {
  for (const [name, { runs, failed, events, time }] of byScenario) {
    const perRun = (value: number) => String(Math.round(value / Math.max(1, runs)));
    console.log(
      `${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${String(runs).padStart(6)} runs  ${perRun(events).padStart(6)} events and ${perRun(time).padStart(4)} ms each`,
    );
  }
}

function printCoverage({ coverage }: CampaignReport): void {
  const told = Object.entries(coverage).toSorted(([a], [b]) => a.localeCompare(b));
  console.log(`\nseen: ${told.map(([event, times]) => `${event} ${times}`).join(' · ')}`);
}

function printFinality(): void {
  const rows = [4, 7, 10, 31, 100].map(measureFinality);
  const texts = rows.map(({ count, first, all }) => `n = ${count}: ${first} (all ${all})`);
  console.log(`\nfinality in network delays, from the leader's proposal: ${texts.join(' · ')}`);
}
