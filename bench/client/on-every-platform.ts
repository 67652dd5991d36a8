import { BenchServer } from '../bench-server.ts';
import type { BenchRow } from '../measure.ts';
import { syntheticLog, type SyntheticLog } from '../synthetic-log.ts';
import { bundleWorker, withBrowserTasks } from './in-browser.ts';
import { tasksInNode } from './in-node.ts';
import type { Tasks } from './tasks.ts';

/** Serves the synthetic log, and whatever else by path, and measures a client of it, first in a worker of Chromium, then in Node. */
export async function onEveryPlatform(
  measure: (tasks: Tasks, platform: string, log: SyntheticLog) => Promise<readonly BenchRow[]>,
  extra?: ReadonlyMap<string, Uint8Array>,
): Promise<readonly BenchRow[]> {
  const log = await syntheticLog();
  const script = await bundleWorker();
  const server = await BenchServer.start(log, script.folder, extra);
  try {
    const inTab = await withBrowserTasks(server.url, (tasks) => measure(tasks, 'Chromium', log));
    return [...inTab, ...(await measure(tasksInNode(server.url), 'Node', log))];
  } finally {
    await server.stop();
    await script.remove();
  }
}
