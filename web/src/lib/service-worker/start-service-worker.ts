import { isSwitchedOff, switchOff } from './kill-switch.ts';
import { answerServiceWorker, type FetchingNode } from './page-bridge.ts';
import { WorkerState } from './worker-state.ts';

/** Where the service worker is served: at the root, since it answers for the whole origin. */
const SERVICE_WORKER = '/sw.js';

/**
 * Registers the service worker and lets it fetch through this page's node. With `?sw=off` in the address it is removed instead,
 * together with the app's stored files. In development there is none.
 */
export async function startServiceWorker(
  view: Window,
  node: () => FetchingNode | undefined,
): Promise<WorkerState> {
  const container: ServiceWorkerContainer | undefined = view.navigator.serviceWorker;
  const page = {
    isControlled: () => (container?.controller ?? null) !== null,
    reload: () => view.location.reload(),
  };
  if (isSwitchedOff(view.location)) {
    if (container !== undefined) await switchOff(container, view.caches);
    return new WorkerState('off', page);
  }
  const state = new WorkerState('absent', page);
  if (container === undefined || import.meta.env.DEV) return state;
  answerServiceWorker(container, node);
  const { Workbox } = await import('workbox-window');
  await state.register(new Workbox(SERVICE_WORKER));
  return state;
}
