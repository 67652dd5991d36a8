import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import type { ShellManifest } from './src/shell-manifest.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = fileURLToPath(new URL('../web/dist', import.meta.url));
const SCRIPT = 'sw.js';

/**
 * The service worker, added to what the web app's build left in web/dist: one classic script under a name with its hash, and
 * `sw.js`, which only loads it, so that asking whether there is a newer version costs a few bytes.
 */
export default defineConfig(({ command }) => ({
  root,
  publicDir: false,
  define: command === 'build' ? { __SHELL__: JSON.stringify(shellManifest()) } : {},
  plugins: [smallEntry()],
  build: {
    outDir: dist,
    emptyOutDir: false,
    target: 'es2024',
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'assayServiceWorker', fileName: () => SCRIPT },
  },
}));

/** Everything the web app's build left, but the scripts of an earlier service worker and what is no part of the app. */
function shellManifest(): ShellManifest {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('web/dist is empty: build the web app first');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !/^sw(?:-\w+)?\.js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path): [string, string] => [
      `/${relative(dist, path).replaceAll(sep, '/')}`,
      sha256(readFileSync(path)),
    ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { buildId: sha256(JSON.stringify(files)).slice(0, 16), files };
}

function smallEntry(): Plugin {
  return {
    name: 'small-entry',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const entry = bundle[SCRIPT];
      if (entry?.type !== 'chunk') throw new Error(`there is no ${SCRIPT}`);
      const fileName = `assets/sw-${sha256(entry.code).slice(0, 16)}.js`;
      this.emitFile({ type: 'asset', fileName, source: entry.code });
      entry.code = `importScripts('/${fileName}');\n`;
    },
  };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
