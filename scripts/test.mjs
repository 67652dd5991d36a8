// `npm test`: everything that can be tested, from a fresh clone. Ends with the line "N passed, N failed, N skipped".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBrowser } from './browser.mjs';
import { ensureBuilt } from './build.mjs';
import { runChecks } from './check.mjs';
import { ensureInstalled } from './install.mjs';
import { root, toolEnvironment } from './paths.mjs';
import { run } from './run.mjs';

const parts = ['check', 'node', 'sim', 'browser', 'e2e'];
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
if (only !== undefined && !parts.includes(only)) {
  console.error(`--only takes one of ${parts.join(', ')}`);
  process.exit(2);
}

/** @type {import('./totals-reporter.mjs').Totals} */
const totals = { passed: 0, failures: [], skipped: [] };
/** @param {string} part */
const wanted = (part) => only === undefined || only === part;

try {
  await ensureInstalled();
  const browser = wanted('browser') || wanted('e2e') ? await ensureBrowser() : undefined;
  if (browser !== undefined) process.env['CHROMIUM_PATH'] = browser;
  if (wanted('check')) totals.failures.push(...(await runChecks()));
  if (wanted('node')) await runVitest('node');
  if (wanted('sim')) await runSimulator();
  if (wanted('browser')) {
    if (browser !== undefined) await runVitest('browser');
    else
      totals.skipped.push({
        name: 'all browser tests',
        reason: 'no Chromium here, and none could be installed',
      });
  }
  if (wanted('e2e')) {
    if (existsSync(join(root, 'web', 'index.html'))) await ensureBuilt();
    await runVitest('e2e');
  }
} catch (error) {
  totals.failures.push(error instanceof Error ? error.message : String(error));
}
report();

/** @param {string} project */
async function runVitest(project) {
  console.log(`\n── ${project} tests`);
  const reporters = ['--reporter=default', '--reporter=./scripts/totals-reporter.mjs'];
  const vitest = ['run', '--project', project, '--passWithNoTests', ...reporters];
  await runCounted('vitest', vitest, `vitest of the ${project} tests`);
}

/** Thousands of simulated networks, then every mutation of the protocol: see authority/README.md. */
async function runSimulator() {
  console.log('\n── simulator');
  await runCounted('node', ['authority/sim/main.ts', '--all', '--seeds', '3000'], 'the simulator');
}

/**
 * Runs what writes totals to the file named by ASSAY_TOTALS, and adds them to ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} what
 */
async function runCounted(command, args, what) {
  const folder = mkdtempSync(join(tmpdir(), 'assay-test-'));
  const target = join(folder, 'totals.json');
  const code = await run(command, args, { env: { ...toolEnvironment(), ASSAY_TOTALS: target } });
  const before = totals.failures.length;
  if (existsSync(target)) {
    /** @type {import('./totals-reporter.mjs').Totals} */
    const found = JSON.parse(readFileSync(target, 'utf8'));
    totals.passed += found.passed;
    totals.failures.push(...found.failures);
    totals.skipped.push(...found.skipped);
  }
  if (code !== 0 && totals.failures.length === before) {
    totals.failures.push(`${what} ended with exit code ${code}`);
  }
  rmSync(folder, { recursive: true });
}

function report() {
  const { passed, failures, skipped } = totals;
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
  if (skipped.length > 0) {
    console.log(`\nSkipped:\n${skipped.map(({ name, reason }) => `  ${name}: ${reason}`).join('\n')}`);
  }
  const nothingRan = only !== 'check' && passed === 0 && failures.length === 0;
  if (nothingRan) console.log('\nNo test ran.');
  console.log(`\n${passed} passed, ${failures.length} failed, ${skipped.length} skipped`);
  process.exitCode = failures.length > 0 || nothingRan ? 1 : 0;
}
