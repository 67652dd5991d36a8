import { describe, expect, it } from 'vitest';
import { isSwitchedOff, switchOff } from './kill-switch.ts';

describe('the kill switch', () => {
  it.each([
    ['?sw=off', true],
    ['?q=x&sw=off', true],
    ['', false],
    ['?sw=on', false],
    ['?xsw=off', false],
  ])('reads %j', (search, off) => {
    expect(isSwitchedOff({ search })).toBe(off);
  });

  it('removes every service worker and every stored file of the app', async () => {
    const gone: string[] = [];
    const registration = (name: string) => ({ unregister: async () => gone.push(name) > 0 });
    await switchOff(
      {
        getRegistrations: async () => ['a', 'b'].map(registration) as unknown as ServiceWorkerRegistration[],
      },
      { keys: async () => ['assay-shell-1'], delete: async (name) => gone.push(name) > 0 },
    );
    expect(gone).toEqual(['a', 'b', 'assay-shell-1']);
  });
});
