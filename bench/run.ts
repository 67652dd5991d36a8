// `npm run bench [-- name… --json --minutes N]`: measures the house against what it stands on. See README.md beside this file.
import { parseArgs } from 'node:util';
import type { BenchRow } from './measure.ts';
import { machineLine, table, thisMachine } from './report.ts';

/** A bench module. */
interface Bench {
  bench(minutes?: number): Promise<readonly BenchRow[]>;
}

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  eris: () => import('./eris.ts'),
  latency: () => import('./latency.ts'),
  consensus: () => import('./consensus.ts'),
  replay: () => import('./replay.ts'),
  download: () => import('./download.ts'),
  ladder: () => import('./ladder.ts'),
  lookup: () => import('./lookup.ts'),
  soak: () => import('./soak.ts'),
};

/** Takes as long as it is told to, so it runs only when it is asked for. */
const ON_DEMAND = new Set(['soak']);

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, minutes: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 2;
} else {
  process.exitCode = await measureAll(
    positionals.length > 0 ? positionals : Object.keys(benches).filter((name) => !ON_DEMAND.has(name)),
  );
}

/** Runs the benches one after the other and prints what they found. One that fails does not keep the others from running. */
async function measureAll(names: readonly string[]): Promise<number> {
  const machine = await thisMachine();
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  const rows: BenchRow[] = [];
  let exitCode = 0;
  for (const name of names) {
    console.error(`measuring ${name} …`);
    try {
      rows.push(...((await (await benches[name]?.())?.bench(minutes)) ?? []));
    } catch (error) {
      exitCode = 1;
      console.error(`${name} failed:`, error);
    }
  }
  if (values.json) console.log(JSON.stringify({ machine, rows }));
  else console.log(`${machineLine(machine)}\n\n${table(rows)}`);
  return exitCode;
}
