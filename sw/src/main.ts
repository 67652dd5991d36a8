import { createClock } from '@assay/core/clock.ts';
import { createWebCryptoVerifier } from '@assay/core/crypto/ed25519-webcrypto.ts';
import { answerRegistry } from './answer-registry.ts';
import { NodeHolder } from './node-holder.ts';
import { runServiceWorker } from './service-worker.ts';
import { ShellCache } from './shell-cache.ts';
import type { ShellManifest } from './shell-manifest.ts';
import { WorkerNode } from './worker-node.ts';

declare const self: ServiceWorkerGlobalScope & typeof globalThis;
/** Put in by the build: the files of the app that it found in `web/dist`. */
declare const __SHELL__: ShellManifest;

/** Longest wait for the head of an answer and for each piece of it. */
const HTTP_TIMEOUT_MS = 15_000;

const fetch: typeof self.fetch = (input, init) => self.fetch(input, init);
const nodes = new NodeHolder(async () =>
  WorkerNode.open({
    origin: self.location.origin,
    http: { fetch, clock: createClock(self), timeoutMs: HTTP_TIMEOUT_MS },
    verifySignature: await createWebCryptoVerifier(self.crypto.subtle),
    pages: self.clients,
    locks: self.navigator.locks,
  }),
);

runServiceWorker(self, {
  shell: new ShellCache({ manifest: __SHELL__, caches: self.caches, fetch }),
  answerRegistry: (request) => answerRegistry(request, nodes),
});
