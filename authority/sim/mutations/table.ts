import { readFileSync, writeFileSync } from 'node:fs';
import type { Verdict } from './suite.ts';

const README = new URL('../../README.md', import.meta.url);
const BEGIN = '<!-- mutations: written by `npm run sim -- --mutation all --write-table` -->';
const END = '<!-- end of mutations -->';

/** Puts the table of these verdicts into the authority's README, between its marks. */
export function writeTable(verdicts: readonly Verdict[]): void {
  const readme = readFileSync(README, 'utf8');
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the README has no marks for the table');
  writeFileSync(README, `${before}${BEGIN}\n\n${tableOf(verdicts)}\n${END}${after}`);
}

/** The verdicts as a Markdown table. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ mutation, killedBy, runs, events, time }) => {
    const rule = /^[A-Z]\w*/.exec(killedBy ?? '')?.[0] ?? killedBy ?? '**survived**';
    return `| ${mutation.rule.replace(':', ' |')} | ${rule} | ${runs} | ${events} | ${Math.round(time)} |`;
  });
  const head =
    '| rule | what is broken | noticed by | runs | events | ms |\n| --- | --- | --- | ---: | ---: | ---: |';
  return `${head}\n${rows.join('\n')}\n`;
}
