import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The web app: web/index.html into web/dist. The service worker is built after it by sw/vite.config.ts. */
export default defineConfig({
  root: fileURLToPath(new URL('web', import.meta.url)),
  plugins: [svelte({ configFile: false })],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no inline scripts, and data: addresses neither.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // libp2p is one lazy chunk; scripts/size-budgets.mjs holds it to its size.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
