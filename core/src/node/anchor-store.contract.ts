import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import type { Anchor, AnchorStore, Conflict } from './stores.ts';

/** What every AnchorStore must do. `make` gives a fresh, empty store and a way to open it again. */
export function anchorStoreContract(
  name: string,
  make: () => Promise<{ store: AnchorStore; reopen: () => Promise<AnchorStore> }>,
): void {
  const anchor: Anchor = { size: 7, root: new Uint8Array(32).fill(9), checkpoint: utf8('note\n') };

  const hash = new Uint8Array(32).fill(3);

  describe(`AnchorStore: ${name}`, () => {
    it('starts empty', async () => {
      const { store } = await make();
      expect(await store.load()).toBeUndefined();
    });

    it('gives back the anchor saved last, also after a restart', async () => {
      const { store, reopen } = await make();
      await store.save({ ...anchor, size: 3 });
      await store.save(anchor);
      for (const opened of [store, await reopen()]) expect(await opened.load()).toEqual(anchor);
    });

    it.each([
      ['a smaller log', { ...anchor, size: 6 }],
      ['another root for the same size', { ...anchor, root: new Uint8Array(32).fill(1) }],
    ])('never goes back to %s', async (_what, backward) => {
      const { store, reopen } = await make();
      await store.save(anchor);
      for (const opened of [store, await reopen()]) {
        await expect(opened.save(backward)).rejects.toMatchObject({ code: 'E_STORE_ANCHOR' });
        expect(await opened.load()).toEqual(anchor);
      }
    });

    it('never forgets a conflict', async () => {
      const { store, reopen } = await make();
      const stopped = { ...anchor, conflict: { first: utf8('one\n'), second: utf8('two\n') } };
      await store.save(stopped);
      const later = { ...anchor, size: 8 };
      for (const opened of [store, await reopen()]) {
        await expect(opened.save(later)).rejects.toMatchObject({ code: 'E_STORE_ANCHOR' });
      }
      expect(await (await reopen()).load()).toEqual(stopped);
    });

    it.each<[string, Partial<Conflict>]>([
      ['both notes of a conflict', {}],
      ['who signed both', { signers: ['ayla', 'borneo'] }],
      ['where they part', { proof: { root: hash, consistency: [hash] } }],
      [
        'what they share',
        { proof: { root: hash, consistency: [], common: { size: 3, root: hash, ours: [hash], theirs: [] } } },
      ],
    ])('keeps %s', async (_what, more) => {
      const { store, reopen } = await make();
      const conflict = { first: utf8('one\n'), second: utf8('two\n'), ...more };
      await store.save({ ...anchor, conflict });
      expect(await (await reopen()).load()).toEqual({ ...anchor, conflict });
    });
  });
}
