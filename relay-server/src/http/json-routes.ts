import type { Clock } from '@assay/core/clock.ts';
import { jsonAnswer, NO_CACHE } from './answers.ts';
import { eventStreamAnswer, type StreamCounter } from './event-stream.ts';
import type { HttpRequest, HttpRoute } from './exchange.ts';
import type { LatestValue } from './latest-value.ts';

/** What `/events` tells: the newest checkpoint that the relay has verified. */
export interface CheckpointEvent {
  readonly size: number;
  /** Unix seconds. */
  readonly freshAsOf: number;
}

/** A JSON document that is made anew for each asker. */
export function jsonRoute(path: string, make: (request: HttpRequest) => unknown): HttpRoute {
  return {
    name: path.slice(1),
    methods: ['GET', 'HEAD'],
    owns: (asked) => asked === path,
    handle: async (request) => jsonAnswer(await make(request), { headers: { 'cache-control': NO_CACHE } }),
  };
}

/** `/events`: server-sent events, one at once and one for each new checkpoint. */
export function eventsRoute(
  checkpoints: LatestValue<CheckpointEvent>,
  options: { readonly counter: StreamCounter; readonly clock: Clock },
): HttpRoute {
  return {
    name: 'events',
    methods: ['GET', 'HEAD'],
    owns: (path) => path === '/events',
    handle: (request) =>
      Promise.resolve(eventStreamAnswer(request, checkpoints.follow(request.signal), options)),
  };
}
