// `npm run sim -- --seeds N [--scenario S] [--seed X] [--mutation M|all] [--real-signatures] [--all]`; see authority/README.md.
import { parseArgs } from 'node:util';
import { runCampaignCommand } from './commands/campaign-command.ts';
import { runMutationCommand } from './commands/mutation-command.ts';
import { runSeedCommand } from './commands/seed-command.ts';
import { failuresOf, survivalOf, writeTotals } from './commands/totals.ts';
import { isScenarioName, scenarioNames, type ScenarioName } from './scenarios/scenarios.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    scenario: { type: 'string' },
    seed: { type: 'string' },
    mutation: { type: 'string' },
    'real-signatures': { type: 'boolean', default: false },
    'write-table': { type: 'boolean', default: false },
    /** The campaign, then all mutations: what `npm test` does. */
    all: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const names = scenariosFrom(values.scenario);
  const seeds = numberFrom(values.seeds ?? '3000');
  const seed = values.seed === undefined ? undefined : numberFrom(values.seed);
  if (names === undefined) {
    console.error(`There is no scenario ${values.scenario}; there are ${scenarioNames.join(', ')}.`);
    return 2;
  }
  if (seeds === undefined || (values.seed !== undefined && seed === undefined)) {
    console.error('--seeds and --seed take a whole number.');
    return 2;
  }
  if (seed !== undefined) return runSeedCommand(names, seed, values.mutation);
  if (values.mutation !== undefined) {
    const verdicts = await runMutationCommand(values.mutation, values['write-table']);
    return verdicts?.every(({ killedBy }) => killedBy !== undefined) === true ? 0 : 1;
  }
  const report = await runCampaignCommand(names, seeds, values['real-signatures']);
  const failures = failuresOf(report);
  if (!values.all) return failures.length === 0 ? 0 : 1;
  const verdicts = (await runMutationCommand('all', values['write-table'])) ?? [];
  failures.push(...verdicts.flatMap(survivalOf));
  writeTotals(report, verdicts, failures);
  return failures.length === 0 ? 0 : 1;
}

function scenariosFrom(name: string | undefined): readonly ScenarioName[] | undefined {
  if (name === undefined) return scenarioNames;
  return isScenarioName(name) ? [name] : undefined;
}

function numberFrom(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}
