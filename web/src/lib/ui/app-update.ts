import type { WorkerState } from '../service-worker/worker-state.ts';
import type { Toasts } from './toasts.svelte.ts';

/** Tells the reader what the service worker is about. Nothing is ever reloaded under the reader's hands. */
export function tellOfUpdates(worker: WorkerState, toasts: Toasts): () => void {
  const reload = { label: 'Reload', run: () => worker.update() };
  let isOffered = false;
  /** One offer is enough: it always leads to the newest version. */
  const offer = (text: string): void => {
    if (!isOffered) toasts.show(text, reload);
    isOffered = true;
  };
  return worker.subscribe((phase) => {
    if (phase === 'waiting') offer('A new version of Assay is ready');
    if (phase === 'replaced') offer('Another tab has switched to a new version of Assay');
    if (phase === 'off') toasts.show('The service worker is off: this app does not open offline');
  });
}
