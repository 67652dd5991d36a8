import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * What one vitest run came to. `failures` also names files that could not be collected and errors outside of any test.
 * @typedef {{ passed: number, failures: string[], skipped: { name: string, reason: string }[] }} Totals
 */

/**
 * Vitest reporter that writes the run's {@link Totals} as JSON to the file named by ASSAY_TOTALS. Vitest's own JSON
 * reporter knows neither the reasons of skipped tests nor errors outside of tests.
 */
export default class TotalsReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('@vitest/utils').SerializedError[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Totals} */
    const totals = { passed: 0, failures: [], skipped: [] };
    for (const module of modules) {
      const file = relative(root, module.moduleId);
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length > 0)
          totals.failures.push(suite === module ? file : `${file} > ${nameOf(suite)}`);
      }
      for (const test of module.children.allTests()) {
        const name = `${file} > ${test.fullName}`;
        const result = test.result();
        if (result.state === 'passed') totals.passed += 1;
        else if (result.state === 'skipped')
          totals.skipped.push({ name, reason: result.note ?? 'no reason given' });
        else totals.failures.push(result.state === 'failed' ? name : `${name} (never finished)`);
      }
    }
    totals.failures.push(...unhandledErrors.map((error) => `unhandled error: ${error.message}`));
    const target = process.env['ASSAY_TOTALS'];
    if (target) writeFileSync(target, JSON.stringify(totals));
  }
}

/** @param {import('vitest/node').TestModule | import('vitest/node').TestSuite} suite */
function nameOf(suite) {
  return 'fullName' in suite ? suite.fullName : suite.moduleId;
}
