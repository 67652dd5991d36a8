import { createContext } from 'svelte';
import type { Router } from '../../router/router.svelte.ts';
import type { Announcer } from './announcer.svelte.ts';
import type { Clock } from './clock.svelte.ts';
import type { Fetches } from './fetches.svelte.ts';
import type { FileChecks } from './file-checks.svelte.ts';
import type { NodeState } from './node-state.svelte.ts';
import type { Requests } from './requests.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What every component may reach: one of each, made by `createApp`. */
export interface AppContext {
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly fetches: Fetches;
  readonly fileChecks: FileChecks;
  readonly node: NodeState;
  readonly requests: Requests;
  readonly router: Router;
  readonly settings: Settings;
  readonly toasts: Toasts;
}

/** `useApp()` gives a component the app it stands in; `provideApp` is called once, by the root. */
export const [useApp, provideApp] = createContext<AppContext>();
