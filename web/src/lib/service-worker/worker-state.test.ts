import { describe, expect, it } from 'vitest';
import { WorkerState, type WorkerPhase } from './worker-state.ts';

/** A page with a registrar whose events the test fires; `heard` are the phases that a listener heard of. */
async function openPage({ controlled = false, forbidden = false } = {}) {
  const did: string[] = [];
  const heard: WorkerPhase[] = [];
  const fire: Record<string, () => void> = {};
  const registration = Object.assign(new EventTarget(), { active: {}, installing: {} });
  const state = new WorkerState('absent', {
    isControlled: () => controlled,
    reload: () => did.push('reload'),
  });
  state.subscribe((phase) => heard.push(phase));
  await state.register({
    addEventListener: (type, listener) => (fire[type] = listener),
    register: async () => {
      if (forbidden) throw new DOMException('not here', 'SecurityError');
      return registration as unknown as ServiceWorkerRegistration;
    },
    messageSkipWaiting: () => did.push('skip waiting'),
  });
  return { state, did, heard, fire, registration };
}

describe('WorkerState', () => {
  it('takes the first version for granted: it claims the page, and nothing is reloaded', async () => {
    const { fire, heard, did } = await openPage();
    fire['controlling']?.();
    expect(heard).toEqual(['absent', 'current']);
    expect(did).toEqual([]);
  });

  it('lets a waiting version wait until the reader wants it, then loads the page anew', async () => {
    const { state, fire, heard, did } = await openPage({ controlled: true });
    fire['waiting']?.();
    expect(heard).toEqual(['absent', 'current', 'waiting']);
    expect(did).toEqual([]);
    state.update();
    fire['controlling']?.();
    expect(did).toEqual(['skip waiting', 'reload']);
  });

  it('goes over to an update that is found while the first version is running', async () => {
    const { state, fire, did } = await openPage();
    fire['controlling']?.();
    fire['waiting']?.();
    state.update();
    fire['controlling']?.();
    expect(did).toEqual(['skip waiting', 'reload']);
  });

  it('hears of every update, also of those that workbox-window does not follow any more', async () => {
    const { registration, heard } = await openPage({ controlled: true });
    for (const end of ['redundant', 'installed']) {
      const newer = Object.assign(new EventTarget(), { state: 'installing' });
      registration.installing = newer;
      registration.dispatchEvent(new Event('updatefound'));
      newer.state = end;
      newer.dispatchEvent(new Event('statechange'));
    }
    expect(heard).toEqual(['absent', 'current', 'waiting']);
  });

  it('does not reload this page when another tab lets the update in', async () => {
    const { state, fire, heard, did } = await openPage({ controlled: true });
    fire['waiting']?.();
    fire['controlling']?.();
    expect(heard.at(-1)).toBe('replaced');
    expect(did).toEqual([]);
    state.update();
    expect(did).toEqual(['reload']);
  });

  it('lives with a browser that forbids service workers', async () => {
    const { state, heard } = await openPage({ forbidden: true });
    expect([state.phase, heard]).toEqual(['absent', ['absent']]);
  });

  it('tells nobody who has left', async () => {
    const { state, fire } = await openPage();
    const heard: WorkerPhase[] = [];
    state.subscribe((phase) => heard.push(phase))();
    fire['waiting']?.();
    expect(heard).toEqual(['absent']);
  });
});
