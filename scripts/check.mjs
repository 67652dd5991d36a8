import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

/** Runs all static checks, each to its end, and returns the names of those that failed. */
export async function runChecks() {
  /** @type {string[]} */
  const failed = [];
  for (const [command, ...args] of checks()) {
    const name = [command, ...args].join(' ');
    const started = Date.now();
    const code = await run(command, args);
    console.log(
      `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
    if (code !== 0) failed.push(name);
  }
  return failed;
}

/** @returns {[string, ...string[]][]} */
function checks() {
  /** @type {[string, ...string[]][]} */
  const all = [['tsc', '--project', 'tsconfig.json']];
  if (holds('core/src', '.ts')) {
    all.push(['tsc', '--project', 'core/tsconfig.json'], ['tsc', '--project', 'core/tsconfig.test.json']);
  }
  for (const folder of ['stores', 'authority', 'relay-server', 'sw', 'cli']) {
    if (holds(`${folder}/src`, '.ts')) all.push(['tsc', '--project', `${folder}/tsconfig.json`]);
  }
  if (holds('e2e', '.ts')) all.push(['tsc', '--project', 'e2e/tsconfig.json']);
  if (holds('web/src', '.svelte')) {
    all.push(['svelte-check', '--workspace', 'web', '--tsconfig', './tsconfig.json', '--output', 'human']);
  } else if (holds('web/src', '.ts')) all.push(['tsc', '--project', 'web/tsconfig.json']);
  all.push(['oxlint', '--quiet'], ['prettier', '--check', '--log-level', 'warn', '.']);
  return all;
}

/**
 * @param {string} folder
 * @param {string} ending
 */
function holds(folder, ending) {
  try {
    return readdirSync(join(root, folder), { recursive: true }).some((name) => String(name).endsWith(ending));
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  const failed = await runChecks();
  process.exitCode = failed.length === 0 ? 0 : 1;
}
