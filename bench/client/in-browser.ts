import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { build } from 'vite';
import { browserSwitches, findBrowser } from '../../scripts/browser.mjs';
import type { Tasks } from './tasks.ts';
import type { TaskCall } from './worker.ts';

const SCRIPT = 'worker.js';

/** Bundles the worker script into a temporary folder, as the app is bundled. */
export async function bundleWorker(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-script-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('.', import.meta.url)),
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2024',
      rolldownOptions: {
        input: fileURLToPath(new URL('worker.ts', import.meta.url)),
        output: { entryFileNames: SCRIPT },
      },
    },
  });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** Opens Chromium at the bench server, gives the tasks in a worker of a page there, and closes it afterwards. */
export async function withBrowserTasks<T>(url: string, work: (tasks: Tasks) => Promise<T>): Promise<T> {
  const executablePath = findBrowser();
  const browser = await chromium.launch({
    args: browserSwitches,
    ...(executablePath !== undefined && { executablePath }),
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await work({
      replay: (ask) => callWorker(page, { task: 'replay', ask }),
      download: (ask) => callWorker(page, { task: 'download', ask }),
      lookup: (ask) => callWorker(page, { task: 'lookup', ask }),
      ladder: (ask) => callWorker(page, { task: 'ladder', ask }),
    });
  } finally {
    await browser.close();
  }
}

async function callWorker<K extends keyof Tasks>(
  page: Page,
  call: TaskCall & { readonly task: K },
): Promise<Awaited<ReturnType<Tasks[K]>>> {
  const answer = await page.evaluate(
    ({ script, call }) =>
      new Promise<{ value?: unknown; error?: string }>((resolve) => {
        const worker = new Worker(`/${script}`, { type: 'module' });
        worker.addEventListener('error', ({ message }) => resolve({ error: message }));
        worker.addEventListener('message', ({ data }) => {
          worker.terminate();
          resolve(data);
        });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
        worker.postMessage(call);
      }),
    { script: SCRIPT, call },
  );
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value as Awaited<ReturnType<Tasks[K]>>;
}
