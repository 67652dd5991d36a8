import { tick } from 'svelte';
import { parseRoute, routeKey, routePath, type Route } from './routes.ts';

/** How to go to a page. */
export interface NavigateOptions {
  /** Takes the place of the current history entry, as when a query is being typed. */
  readonly replace?: boolean;
}

/** What this router keeps beside each history entry. */
interface EntryState {
  readonly scroll?: number;
}

/** How long a page that is still filling may take to become tall enough for its old scroll position. */
const RESTORE_WITHIN_MS = 1500;

/** The page shown, bound to the browser's history: links inside the app change pages without a reload. */
export class Router {
  route = $state.raw<Route>({ page: 'home' });
  /** True until the first navigation: the page shown is the one the reader opened. */
  fresh = true;
  /** Set while a page shown by going back or forward waits for its scroll position. */
  #restore: number | undefined;
  #moved = false;
  readonly #view: Window;
  readonly #leave = new AbortController();

  constructor(view: Window) {
    this.#view = view;
    this.route = parseRoute(new URL(view.location.href));
    view.history.scrollRestoration = 'manual';
    const { signal } = this.#leave;
    view.addEventListener('popstate', (event) => this.#returned(event.state), { signal });
    view.addEventListener('pagehide', () => this.#keepScroll(), { signal });
    view.document.addEventListener('click', (event) => this.#clicked(event), { signal });
    const kept = (view.history.state as EntryState | null)?.scroll;
    if (kept !== undefined) this.#restore = kept;
  }

  /** Shows a page, given as a route or as an address of this app. */
  navigate(to: Route | string, { replace = false }: NavigateOptions = {}): void {
    const { route, path } = this.#destination(to);
    this.#keepScroll();
    this.fresh = false;
    this.#moved ||= routeKey(route) !== routeKey(this.route);
    this.#view.history[replace ? 'replaceState' : 'pushState']({}, '', path);
    this.route = route;
  }

  /** To be called when the page of the current route stands in the document: moves focus and scroll to where they belong. */
  async settled(): Promise<void> {
    await tick();
    if (this.#moved) this.#view.document.querySelector('h1')?.focus({ preventScroll: true });
    const named = this.#view.document.getElementById(this.#view.location.hash.slice(1));
    if (this.#restore !== undefined) this.#scrollTo(this.#restore);
    else if (named !== null) named.scrollIntoView();
    else if (this.#moved) this.#view.scrollTo(0, 0);
    this.#moved = false;
    this.#restore = undefined;
  }

  /** Lets go of the window. */
  stop(): void {
    this.#leave.abort();
  }

  /** A route and its address; the fragment of a given address is kept. */
  #destination(to: Route | string): { readonly route: Route; readonly path: string } {
    if (typeof to !== 'string') return { route: to, path: routePath(to) };
    const url = new URL(to, this.#view.location.href);
    const route = parseRoute(url);
    return { route, path: routePath(route) + url.hash };
  }

  #returned(state: unknown): void {
    this.fresh = false;
    const route = parseRoute(new URL(this.#view.location.href));
    this.#moved ||= routeKey(route) !== routeKey(this.route);
    this.#restore = (state as EntryState | null)?.scroll ?? 0;
    this.route = route;
  }

  #keepScroll(): void {
    const state: EntryState = { scroll: this.#view.scrollY };
    this.#view.history.replaceState(state, '');
  }

  /** Waits for the content that makes the page tall enough, but not for long. */
  #scrollTo(top: number): void {
    const view = this.#view;
    const tallEnough = (): boolean => view.document.documentElement.scrollHeight - view.innerHeight >= top;
    const until = view.performance.now() + RESTORE_WITHIN_MS;
    const attempt = (now: number): void => {
      if (tallEnough() || now > until) view.scrollTo(0, top);
      else view.requestAnimationFrame(attempt);
    };
    attempt(view.performance.now());
  }

  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (link === undefined || link.target !== '' || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== this.#view.location.origin || isFragment(url, this.#view.location)) return;
    if (parseRoute(url).page === 'not-found') return;
    event.preventDefault();
    this.navigate(url.href);
  }
}

/** True for a link to a place within the page shown. */
function isFragment(url: URL, here: Location): boolean {
  return url.hash !== '' && url.pathname === here.pathname && url.search === here.search;
}
