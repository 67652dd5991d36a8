import { createClock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import { startServiceWorker } from './lib/service-worker/start-service-worker.ts';
import { tellOfUpdates } from './lib/ui/app-update.ts';
import { missingCapabilities } from './lib/ui/capabilities.ts';
import { createApp } from './lib/ui/create-app.ts';
import './styles/all.css';

/** First of all, so that `?sw=off` works whatever else is broken. */
const serviceWorker = startServiceWorker(window, () => context.node.api);

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app');

const clock = createClock(globalThis);
const { context, open } = createApp(window);
void serviceWorker.then((worker) => tellOfUpdates(worker, context.toasts));
void begin(target);

/** Running the modules, building the page and starting the node are tasks of their own: in one they would block the page too long. */
async function begin(place: Element): Promise<void> {
  await clock.sleep(0);
  mount(App, { target: place, props: { context } });
  // The node brings libp2p along, so it is fetched only when the first paint is done.
  await new Promise(requestAnimationFrame);
  await clock.sleep(0);
  await open(async () => {
    const missing = missingCapabilities(window).map(({ name }) => name);
    if (missing.length > 0) throw new AssayError('E_BROWSER_LACKS', { missing: missing.join(', ') });
    const { openNode } = await import('./lib/node/open-node.ts');
    return await openNode();
  });
}
