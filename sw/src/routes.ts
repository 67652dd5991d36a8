/**
 * Who answers a request: the network as if there were no service worker, the registry handlers, the app's page, or one
 * stored file of the app.
 */
export type Route = 'untouched' | 'registry' | 'page' | 'file';

/** What of a request decides about its route. */
export interface Routed {
  readonly method: string;
  readonly url: string;
  readonly mode: RequestMode;
}

/** Answered out of verified bytes, and by nobody else. */
const REGISTRY = /^\/(?:registry|npm)(?:\/|$)/;

/** What relays answer to programs; also when a person opens it. A missing file of the app is to be a real 404. */
const MACHINE =
  /^\/(?:checkpoint|network\.json|status\.json|sw\.js|(?:tile|pack|uri-res|evidence|requests|events|assets)(?:\/.*)?)$/;

/** The kill switch: `/?sw=off` always reaches the server, whatever this worker might do wrong. */
const SWITCH = 'sw';

/** The route of a request made by a page of `origin`, given the paths of the app's files. */
export function routeOf(request: Routed, origin: string, files: ReadonlySet<string>): Route {
  const { origin: target, pathname, searchParams } = new URL(request.url);
  const isNavigation = request.mode === 'navigate';
  if (target !== origin || (isNavigation && searchParams.get(SWITCH) === 'off')) return 'untouched';
  if (REGISTRY.test(pathname)) return 'registry';
  if (request.method !== 'GET') return 'untouched';
  if (files.has(pathname)) return 'file';
  return isNavigation && !MACHINE.test(pathname) ? 'page' : 'untouched';
}
