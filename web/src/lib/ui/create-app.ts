import { Router } from '../../router/router.svelte.ts';
import type { NodeApi } from '../node/api.ts';
import { Announcer } from './announcer.svelte.ts';
import type { AppContext } from './app-context.ts';
import { Clock } from './clock.svelte.ts';
import { Fetches } from './fetches.svelte.ts';
import { FileChecks } from './file-checks.svelte.ts';
import { NodeState } from './node-state.svelte.ts';
import { routeOfPurl, spokenPurl } from './purl.ts';
import { Requests } from './requests.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

/** An app bound to a window. */
export interface App {
  readonly context: AppContext;
  /** Opens the node and takes up what a reload has interrupted: downloads go on, requests are followed again. */
  open(openNode: () => Promise<NodeApi>): Promise<void>;
  /** Lets go of the window and the node. */
  stop(): void;
}

/** Makes the app's parts and joins them. */
export function createApp(view: Window): App {
  const announcer = new Announcer();
  const node = new NodeState();
  const router = new Router(view);
  const settings = new Settings(view);
  const toasts = new Toasts();
  const fetches = new Fetches(node, announcer);
  const fileChecks = new FileChecks(node, announcer);
  const requests = new Requests(node, announcer, (purl) => {
    if (router.route.page === 'request') return;
    const run = (): void => router.navigate(routeOfPurl(purl));
    toasts.show(`${spokenPurl(purl)} is in the log`, { label: 'Check it', run });
  });
  return {
    context: { announcer, clock: new Clock(), fetches, fileChecks, node, requests, router, settings, toasts },
    async open(openNode): Promise<void> {
      await node.connect(openNode);
      const { api } = node;
      if (api === undefined) return;
      for (const { purl, artifact } of api.takeInterrupted()) void fetches.start(purl, artifact);
      // A request that cannot be followed goes on without this tab.
      const open = await api.openRequests().catch((): readonly string[] => []);
      for (const purl of open) void requests.send(purl);
    },
    stop(): void {
      node.stop();
      router.stop();
      settings.stop();
    },
  };
}
