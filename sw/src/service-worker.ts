import { routeOf } from './routes.ts';
import type { ShellCache } from './shell-cache.ts';
import { PAGE_PATH } from './shell-manifest.ts';

/** The message by which a page lets a waiting version take over; its name is workbox-window's. */
const SKIP_WAITING = 'SKIP_WAITING';

/** What is used of the global scope. */
export type WorkerScope = Pick<
  ServiceWorkerGlobalScope,
  'addEventListener' | 'clients' | 'fetch' | 'location' | 'skipWaiting'
>;

export interface WorkerParts {
  readonly shell: ShellCache;
  /** Answers requests under `/registry/` and `/npm/`; never rejects. */
  readonly answerRegistry: (request: Request) => Promise<Response>;
}

/** Binds the parts to the events of a service worker. A new version waits until a page, or the end of all pages, lets it in. */
export function runServiceWorker(scope: WorkerScope, { shell, answerRegistry }: WorkerParts): void {
  scope.addEventListener('install', (event) => event.waitUntil(shell.install()));

  // Claiming makes the very first visit one with registry routes; later versions take over all pages anyhow.
  scope.addEventListener('activate', (event) => {
    event.waitUntil(Promise.all([shell.deleteOthers(), scope.clients.claim()]));
  });

  scope.addEventListener('message', (event) => {
    const { data } = event as { data: unknown };
    if (typeof data === 'object' && data !== null && 'type' in data && data.type === SKIP_WAITING) {
      event.waitUntil(scope.skipWaiting());
    }
  });

  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    const stored = async (path: string): Promise<Response> =>
      (await shell.find(path)) ?? (await scope.fetch(request));
    switch (routeOf(request, scope.location.origin, shell.paths)) {
      case 'untouched':
        return;
      case 'registry':
        return event.respondWith(answerRegistry(request));
      case 'file':
        return event.respondWith(stored(new URL(request.url).pathname));
      case 'page':
        event.respondWith(stored(PAGE_PATH));
        return event.waitUntil(shell.refreshPage());
    }
  });
}
