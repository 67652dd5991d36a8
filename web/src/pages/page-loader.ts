import { createClock } from '@assay/core/clock.ts';
import type { Component } from 'svelte';
import type { PageName, Route } from '../router/routes.ts';
import Home from './Home.svelte';

/** The route of a page by its name. */
export type RouteOf<Name extends PageName> = Extract<Route, { page: Name }>;

/** A page component together with the route it is to show. */
export interface LoadedPage {
  readonly route: Route;
  readonly component: Component<{ route: Route }>;
}

/** A page takes its route, or nothing when its address says no more than its name. */
interface Module<Name extends PageName> {
  readonly default: Component<{ route: RouteOf<Name> }> | Component<Record<string, never>>;
}

const clock = createClock(globalThis);

/** Home comes with the shell, but is built in a task after it; every other page is fetched when it is first shown. */
const loaders: { readonly [Name in PageName]: () => Promise<Module<Name>> } = {
  home: async () => {
    await clock.sleep(0);
    return { default: Home };
  },
  search: () => import('./Search.svelte'),
  package: () => import('./Package.svelte'),
  version: () => import('./Version.svelte'),
  files: () => import('./Files.svelte'),
  request: () => import('./Request.svelte'),
  log: () => import('./Log.svelte'),
  entry: () => import('./Entry.svelte'),
  checkpoint: () => import('./Checkpoint.svelte'),
  verify: () => import('./Verify.svelte'),
  network: () => import('./Network.svelte'),
  authorities: () => import('./Authorities.svelte'),
  storage: () => import('./Storage.svelte'),
  settings: () => import('./Settings.svelte'),
  browser: () => import('./Browser.svelte'),
  help: () => import('./Help.svelte'),
  'not-found': () => import('./NotFound.svelte'),
};

/** Fetches the code of a route's page. Rejects when it cannot be had, as after an update while offline. */
export async function loadPage(route: Route): Promise<LoadedPage> {
  const { default: component } = await loaders[route.page]();
  // The table above pairs each name with a page for exactly its route; TypeScript cannot follow the pair through the lookup.
  return { route, component: component as Component<{ route: Route }> };
}
