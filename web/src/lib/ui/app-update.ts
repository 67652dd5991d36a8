import type { WorkerState } from '../service-worker/worker-state.ts';
import type { Toasts } from './toasts.svelte.ts';

/** Tells the reader what the service worker is about. Nothing is ever reloaded under the reader's hands. */
export function tellOfUpdates(worker: WorkerState, toasts: Toasts): () => void {
  const reload = { label: 'Reload', run: () => worker.update() };
  return worker.subscribe((phase) => {
    if (phase === 'waiting') toasts.show('A new version of Assay is ready', reload);
    if (phase === 'replaced') toasts.show('Another tab has switched to a new version of Assay', reload);
    if (phase === 'off') toasts.show('The service worker is off: this app does not open offline');
  });
}
