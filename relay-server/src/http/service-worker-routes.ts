import { AssayError } from '@assay/core/errors/assay-error.ts';
import { errorAnswer } from './answers.ts';
import type { HttpRoute } from './exchange.ts';

/**
 * Where only the service worker answers, out of verified bytes: `/registry/…` and `/npm/…`. The relay itself says so, instead of
 * handing out bytes that nobody on this side of the network has checked.
 */
export const serviceWorkerRoute: HttpRoute = {
  name: 'service-worker',
  methods: ['GET', 'HEAD'],
  owns: (path) => /^\/(?:registry|npm)(?:\/|$)/.test(path),
  handle: ({ path }) =>
    Promise.resolve(errorAnswer(new AssayError('E_SERVICE_WORKER', { path: path.slice(0, MAX_SHOWN_PATH) }))),
};

const MAX_SHOWN_PATH = 128;
