import type { NodeApi } from './api.ts';
import { peerHandlers } from './peer-handlers.ts';
import { WorkerNode } from './worker-node.ts';

/** Starts the node of this tab. It answers from the first moment on; what it waits for shows in its status. */
export async function openNode(): Promise<NodeApi> {
  return new WorkerNode({
    startWorker: () => new Worker(new URL('../../workers/engine.ts', import.meta.url), { type: 'module' }),
    peers: peerHandlers,
    storage: navigator.storage,
    session: sessionStorage,
  });
}
