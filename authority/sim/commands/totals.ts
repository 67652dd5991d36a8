import { writeFileSync } from 'node:fs';
import type { CampaignReport } from '../campaign.ts';
import type { Verdict } from '../mutations/suite.ts';

/** What failed in a campaign, each by a name under which it can be run again. */
export function failuresOf({ failures, missing }: CampaignReport): string[] {
  return [
    ...failures.map(
      ({ scenario, seed, violations: [first = ''] }) => `sim --scenario ${scenario} --seed ${seed}: ${first}`,
    ),
    ...missing.map((event) => `sim: in no run ever: ${event}`),
  ];
}

/** The name of a mutation that was not noticed, if it was not. */
export function survivalOf({ mutation, killedBy }: Verdict): string[] {
  return killedBy === undefined ? [`sim --mutation ${mutation.name}: nothing noticed it`] : [];
}

/** Writes the totals for `npm test` to the file named by ASSAY_TOTALS: every scenario, event to be seen and mutation counts as a test. */
export function writeTotals(
  report: CampaignReport,
  verdicts: readonly Verdict[],
  failures: readonly string[],
): void {
  const target = process.env['ASSAY_TOTALS'];
  if (target === undefined) return;
  const scenarios = [...report.byScenario.values()].filter(({ failed }) => failed === 0).length;
  const seen = Object.keys(report.coverage).length;
  const killed = verdicts.filter(({ killedBy }) => killedBy !== undefined).length;
  writeFileSync(target, JSON.stringify({ passed: scenarios + seen + killed, failures, skipped: [] }));
}
