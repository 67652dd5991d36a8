import { describe, expect, it, vi } from 'vitest';
import { keepCurrent } from './app-update.ts';
import type { Toasts } from './toasts.svelte.ts';

const toasts = {} as Toasts;

function viewAt(search: string, serviceWorker?: object): Window {
  return { location: { search }, navigator: { serviceWorker } } as unknown as Window;
}

describe('keepCurrent', () => {
  it('does nothing where there are no service workers', async () => {
    await expect(keepCurrent(viewAt(''), toasts)).resolves.toBeUndefined();
  });

  it('removes every service worker when the address says so', async () => {
    vi.stubEnv('DEV', false);
    const unregister = vi.fn<() => Promise<boolean>>(async () => true);
    const getRegistrations = async () => [{ unregister }, { unregister }];
    await keepCurrent(viewAt('?sw=off', { getRegistrations }), toasts);
    expect(unregister).toHaveBeenCalledTimes(2);
    vi.unstubAllEnvs();
  });
});
