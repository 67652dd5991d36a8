import type { Clock } from '@assay/core/clock.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import type { StreamCounter } from './event-stream.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { createHttpApp } from './http-app.ts';
import { eventsRoute, jsonRoute, type CheckpointEvent } from './json-routes.ts';
import type { LatestValue } from './latest-value.ts';
import { logRoute } from './log-routes.ts';
import { lookupRoute } from './lookup-routes.ts';
import { blockRoute, packRoute, type FindAnyBlock, type PackStore } from './pack-routes.ts';
import { requestRoutes } from './request-routes.ts';
import { serviceWorkerRoute } from './service-worker-routes.ts';
import { webRoute } from './web-routes.ts';

/** Everything the routes answer from. */
export interface RelayAppOptions {
  readonly log: Pick<LogStore, 'read'>;
  /** The whole log and its map of packages; undefined while there is none. */
  readonly lookups: () => LookupView | undefined;
  readonly packs: PackStore;
  /** Whether the log records a pack that the relay is only yet to fetch. */
  readonly isComing: (root: Uint8Array) => boolean;
  readonly findBlock: FindAnyBlock;
  readonly desk: RequestDesk;
  readonly checkpoints: LatestValue<CheckpointEvent>;
  /** The document `/network.json`, for a relay addressed under this base URL. */
  readonly network: (base: string) => unknown;
  /** The document `/status.json`. */
  readonly status: () => Promise<unknown>;
  /** Folder of the built web app. */
  readonly web: string | undefined;
  readonly counter: StreamCounter;
  readonly clock: Clock;
  /** Headers on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly onFailure: (error: unknown, request: HttpRequest) => void;
}

/** All routes of the relay, in the order in which they are asked. */
export function createRelayApp(options: RelayAppOptions): (request: HttpRequest) => Promise<HttpAnswer> {
  const {
    log,
    lookups,
    packs,
    isComing,
    findBlock,
    desk,
    checkpoints,
    network,
    status,
    web,
    headers,
    onFailure,
  } = options;
  return createHttpApp({
    routes: [
      logRoute(log),
      lookupRoute(lookups),
      packRoute(packs, isComing),
      blockRoute(findBlock),
      ...requestRoutes(desk, options),
      eventsRoute(checkpoints, options),
      jsonRoute('/network.json', ({ base }) => network(base)),
      jsonRoute('/status.json', () => status()),
      serviceWorkerRoute,
      webRoute(web),
    ],
    headers,
    onFailure,
  });
}
