import { Router } from '../../router/router.svelte.ts';
import { Announcer } from './announcer.svelte.ts';
import type { AppContext } from './app-context.ts';
import { Clock } from './clock.svelte.ts';
import { Fetches } from './fetches.svelte.ts';
import { NodeState } from './node-state.svelte.ts';
import { Requests } from './requests.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

/** An app bound to a window, and the way to let go of it again. */
export interface App {
  readonly context: AppContext;
  stop(): void;
}

/** Makes the app's parts and joins them. The node is not opened here: see `NodeState.connect`. */
export function createApp(view: Window): App {
  const announcer = new Announcer();
  const node = new NodeState();
  const router = new Router(view);
  const settings = new Settings(view);
  const context: AppContext = {
    announcer,
    clock: new Clock(),
    fetches: new Fetches(node, announcer),
    node,
    requests: new Requests(node, announcer),
    router,
    settings,
    toasts: new Toasts(),
  };
  const stop = (): void => {
    node.stop();
    router.stop();
    settings.stop();
  };
  return { context, stop };
}
