// `npm start`: installs and builds what is missing or old, then runs the local network (`assay up`).
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { pinnedNode } from './paths.mjs';
import { run } from './run.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
  process.exitCode = await run(pinnedNode, ['cli/src/main.ts', 'up', ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
