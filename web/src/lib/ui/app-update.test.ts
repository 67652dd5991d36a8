import { describe, expect, it } from 'vitest';
import { WorkerState } from '../service-worker/worker-state.ts';
import { tellOfUpdates } from './app-update.ts';
import type { Toast, Toasts } from './toasts.svelte.ts';

/** Toasts, and what they showed. */
function fakeToasts(): { toasts: Toasts; shown: [string, Toast['action']][] } {
  const shown: [string, Toast['action']][] = [];
  const show = (text: string, action?: Toast['action']): void => void shown.push([text, action]);
  return { toasts: { show } as unknown as Toasts, shown };
}

/** A controlled page whose registrar fires what the test says. */
async function controlledPage() {
  const did: string[] = [];
  const worker = new WorkerState('absent', {
    isControlled: () => true,
    reload: () => did.push('reload'),
  });
  const fire: Record<string, () => void> = {};
  await worker.register({
    addEventListener: (type, listener) => (fire[type] = listener),
    register: async () => undefined,
    messageSkipWaiting: () => did.push('skip waiting'),
  });
  return { worker, did, fire };
}

describe('tellOfUpdates', () => {
  it('offers to go over to a version that waits', async () => {
    const { worker, did, fire } = await controlledPage();
    const { toasts, shown } = fakeToasts();
    tellOfUpdates(worker, toasts);
    expect(shown).toEqual([]);
    fire['waiting']?.();
    expect(shown[0]?.[0]).toBe('A new version of Assay is ready');
    shown[0]?.[1]?.run();
    expect(did).toEqual(['skip waiting']);
  });

  it('says when another tab has gone over already', async () => {
    const { worker, did, fire } = await controlledPage();
    const { toasts, shown } = fakeToasts();
    tellOfUpdates(worker, toasts);
    fire['controlling']?.();
    expect(shown[0]?.[0]).toContain('Another tab');
    shown[0]?.[1]?.run();
    expect(did).toEqual(['reload']);
  });

  it('offers it once, however many versions come and go', async () => {
    const { worker, did, fire } = await controlledPage();
    const { toasts, shown } = fakeToasts();
    tellOfUpdates(worker, toasts);
    for (const event of ['waiting', 'controlling', 'waiting', 'controlling']) fire[event]?.();
    expect(shown).toHaveLength(1);
    shown[0]?.[1]?.run();
    expect(did).toEqual(['reload']);
  });

  it('says that the service worker is off', () => {
    const { toasts, shown } = fakeToasts();
    tellOfUpdates(new WorkerState('off', { isControlled: () => false, reload: () => undefined }), toasts);
    expect(shown[0]?.[0]).toContain('off');
  });
});
