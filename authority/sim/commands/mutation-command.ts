import type { Mutation } from '../mutations/mutation.ts';
import { mutations } from '../mutations/mutations.ts';
import { runMutations, type Verdict } from '../mutations/suite.ts';
import { writeTable } from '../mutations/table.ts';
import { ProgressLine } from '../progress.ts';

/** Runs one mutation, or `all`, and tells how fast each was noticed; undefined when there is none of that name. */
export async function runMutationCommand(
  name: string,
  isTableWritten: boolean,
): Promise<Verdict[] | undefined> {
  const chosen: readonly Mutation[] = mutations.filter((one) => name === 'all' || one.name === name);
  if (chosen.length === 0) {
    console.error(`There is no mutation ${name}; there are ${mutations.map((one) => one.name).join(', ')}.`);
    return undefined;
  }
  const line = new ProgressLine();
  const verdicts = await runMutations(chosen, (verdict, done) => {
    line.clear();
    printVerdict(verdict);
    line.show(`${done} of ${chosen.length} mutations`);
  });
  line.clear();
  const survivors = verdicts.filter(({ killedBy }) => killedBy === undefined);
  console.log(
    `\n${verdicts.length - survivors.length} of ${verdicts.length} mutations noticed in ${line.seconds} s`,
  );
  if (isTableWritten && name === 'all') writeTable(verdicts);
  return verdicts;
}

function printVerdict({ mutation, killedBy, runs, events, time }: Verdict): void {
  const fate = killedBy === undefined ? 'SURVIVED' : 'killed  ';
  const spent = `${runs} of ${mutation.budget} runs, ${events} events, ${time.toFixed(0)} ms`;
  console.log(`${fate} ${mutation.name} (${mutation.rule.split(':')[0] ?? ''}): ${spent}  ${killedBy ?? ''}`);
}
