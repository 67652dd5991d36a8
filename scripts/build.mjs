import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { weigh } from './size-budgets.mjs';
import { sourceHash } from './source-hash.mjs';

const sources = [
  'web',
  'sw',
  'core/src',
  'core/package.json',
  'stores/src',
  'stores/package.json',
  'vite.config.ts',
  'package-lock.json',
];
const dist = join(root, 'web', 'dist');
const buildIdPath = join(dist, '.build-id');

/** Builds the web app and the service worker into web/dist, unless their sources are those of the last build. */
export async function ensureBuilt() {
  const buildId = sourceHash(root, sources);
  if (existsSync(buildIdPath) && readFileSync(buildIdPath, 'utf8') === buildId) return;
  console.log('Building the web app …');
  await viteBuild('vite.config.ts');
  await viteBuild('sw/vite.config.ts');
  const { lines, ok } = weigh(dist);
  console.log(lines.join('\n'));
  if (!ok) throw new Error('a part of the web app is larger than its budget in scripts/size-budgets.mjs');
  writeFileSync(buildIdPath, buildId);
}

/** @param {string} config */
async function viteBuild(config) {
  const code = await run('vite', ['build', '--config', config, '--logLevel', 'warn']);
  if (code !== 0) throw new Error(`vite build of ${config} failed with exit code ${code}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  await ensureBuilt();
}
