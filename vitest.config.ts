import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { browserSwitches, findBrowser } from './scripts/browser.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const vectors = fileURLToPath(new URL('../shared/vectors', import.meta.url));
const vectorsUrl = existsSync(vectors) ? `/@fs${vectors}` : '';
const executablePath = findBrowser();
const never = [...configDefaults.exclude, '**/dist/**', '.assay/**'];

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['**/*.test.ts'],
          exclude: [...never, '**/*.browser.test.ts', 'e2e/**'],
          // Many of them start processes and wait for them; one worker, the default on two cores, would wait alone.
          maxWorkers: 2,
        },
      },
      {
        plugins: [svelte({ configFile: false })],
        define: { __VECTORS_URL__: JSON.stringify(vectorsUrl) },
        server: { fs: { allow: [root, vectors] } },
        // Found late, it would reload the page in the middle of the first run.
        optimizeDeps: { include: ['idb'] },
        test: {
          name: 'browser',
          include: ['**/*.browser.test.ts'],
          exclude: never,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                args: browserSwitches,
                ...(executablePath === undefined ? {} : { executablePath }),
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['e2e/**/*.test.ts'],
          exclude: never,
          // Each file starts a network of six processes and a browser, and mostly waits for them.
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
