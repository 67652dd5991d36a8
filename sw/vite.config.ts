import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The service worker: one classic script, web/dist/sw.js, added to what the web app's build left there. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  publicDir: false,
  build: {
    outDir: '../web/dist',
    emptyOutDir: false,
    target: 'es2024',
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'assayServiceWorker', fileName: () => 'sw.js' },
  },
});
