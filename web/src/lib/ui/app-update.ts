import type { Toasts } from './toasts.svelte.ts';

/** Where the service worker is served: at the root, since it answers for the whole origin. */
const SERVICE_WORKER = '/sw.js';

/**
 * Registers the service worker and offers a reload when a newer version of the app waits. Nothing is ever reloaded under the
 * reader's hands. With `?sw=off` in the address the service worker is removed instead: the way out of a broken one.
 */
export async function keepCurrent(view: Window, toasts: Toasts): Promise<void> {
  const container: ServiceWorkerContainer | undefined = view.navigator.serviceWorker;
  if (container === undefined || import.meta.env.DEV) return;
  if (new URLSearchParams(view.location.search).get('sw') === 'off') {
    for (const registration of await container.getRegistrations()) await registration.unregister();
    return;
  }
  const { Workbox } = await import('workbox-window');
  const workbox = new Workbox(SERVICE_WORKER);
  const reload = (): void => {
    workbox.addEventListener('controlling', () => view.location.reload());
    workbox.messageSkipWaiting();
  };
  workbox.addEventListener('waiting', () => {
    toasts.show('A new version of Assay is ready', { label: 'Reload', run: reload });
  });
  // Where service workers are forbidden, as in some private windows, the app works on without being there offline.
  await workbox.register().catch(() => undefined);
}
