import { AssayError } from '@assay/core/errors/assay-error.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import { keepCurrent } from './lib/ui/app-update.ts';
import { missingCapabilities } from './lib/ui/capabilities.ts';
import { createApp } from './lib/ui/create-app.ts';
import './styles/all.css';

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app');

const { context, open } = createApp(window);
mount(App, { target, props: { context } });

/** The node brings libp2p along, so it is fetched only when the first paint is done. */
requestAnimationFrame(() => {
  setTimeout(() => {
    void open(async () => {
      const missing = missingCapabilities(window).map(({ name }) => name);
      if (missing.length > 0) throw new AssayError('E_BROWSER_LACKS', { missing: missing.join(', ') });
      const { openNode } = await import('./lib/node/open-node.ts');
      return await openNode();
    });
    void keepCurrent(window, context.toasts);
  });
});
