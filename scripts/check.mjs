import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { run } from './run.mjs';

/** Longest first, so that none is left to run alone at the end. */
const checks = [
  ['svelte-check', '--workspace', 'web', '--tsconfig', './tsconfig.json', '--output', 'human'],
  ['prettier', '--check', '--log-level', 'warn', '.'],
  ['tsc', '--project', 'core/tsconfig.test.json'],
  ['tsc', '--project', 'authority/tsconfig.json'],
  ['tsc', '--project', 'e2e/tsconfig.json'],
  ['tsc', '--project', 'relay-server/tsconfig.json'],
  ['tsc', '--project', 'core/tsconfig.json'],
  ['tsc', '--project', 'stores/tsconfig.json'],
  ['tsc', '--project', 'cli/tsconfig.json'],
  ['tsc', '--project', 'sw/tsconfig.json'],
  ['tsc', '--project', 'tsconfig.json'],
  ['oxlint', '--quiet'],
];

/** Runs all static checks, each to its end and as many at once as there are cores; returns the names of those that failed. */
export async function runChecks() {
  /** @type {string[]} */
  const failed = [];
  const waiting = [...checks];
  const runWaiting = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const name = check.join(' ');
      const [command = '', ...args] = check;
      const started = Date.now();
      const code = await run(command, args);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      if (code !== 0) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
  return failed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  const failed = await runChecks();
  process.exitCode = failed.length === 0 ? 0 : 1;
}
