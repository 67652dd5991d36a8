import { describe, expect, it } from 'vitest';
import { WorkerNode } from './worker-node.ts';

describe('WorkerNode', () => {
  it('says so when its worker cannot be started, and lets nobody wait', async () => {
    const node = new WorkerNode({
      startWorker: () => new Worker('/there-is-no-such-worker.js', { type: 'module' }),
      peers: () => ({}) as never,
      storage: navigator.storage,
      session: sessionStorage,
    });
    const waiting = node.recent(1);
    await expect(waiting).rejects.toMatchObject({ code: 'E_PAGE_UNEXPECTED' });
    expect(node.status).toMatchObject({ phase: 'stopped', error: { code: 'E_PAGE_UNEXPECTED' } });
    await expect(node.recent(1)).rejects.toMatchObject({ code: 'E_PAGE_UNEXPECTED' });
  });
});
