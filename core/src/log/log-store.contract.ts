import { describe, expect, it } from 'vitest';
import type { LogStore } from './log-store.ts';

const one = Uint8Array.of(1, 2, 3);
const two = Uint8Array.of(4);

/** What every LogStore must do. `make` gives a new, empty store each time it is called. */
export function logStoreContract(name: string, make: () => LogStore | Promise<LogStore>): void {
  describe(`${name} as a LogStore`, () => {
    it('answers undefined where nothing was written', async () => {
      const store = await make();
      expect(await store.read('checkpoint')).toBeUndefined();
      expect(await store.read('tile/entries/x001/234')).toBeUndefined();
    });

    it('gives back what was written, byte for byte, in plain Uint8Arrays', async () => {
      const store = await make();
      const large = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31);
      const files = new Map([
        ['tile/entries/000', large],
        ['tile/0/000.p/3', one],
        ['tile/1/x001/x234/067', two],
        ['evidence/' + 'ab'.repeat(32), new Uint8Array(0)],
        ['checkpoint', two],
      ]);
      await store.write(files);
      for (const [path, bytes] of files) {
        const stored = await store.read(path);
        expect(stored?.constructor).toBe(Uint8Array);
        expect(stored).toEqual(bytes);
      }
    });

    it('keeps a partial tile and the full tile of the same number side by side', async () => {
      const store = await make();
      await store.write(new Map([['tile/0/000.p/1', one]]));
      await store.write(new Map([['tile/0/000', two]]));
      expect(await store.read('tile/0/000.p/1')).toEqual(one);
      expect(await store.read('tile/0/000')).toEqual(two);
    });

    it('replaces a file whole', async () => {
      const store = await make();
      await store.write(new Map([['checkpoint', one]]));
      await store.write(new Map([['checkpoint', two]]));
      expect(await store.read('checkpoint')).toEqual(two);
    });

    it('is not changed by what callers do to their arrays afterwards', async () => {
      const store = await make();
      const mine = one.slice();
      await store.write(new Map([['checkpoint', mine]]));
      mine.fill(9);
      (await store.read('checkpoint'))?.fill(9);
      expect(await store.read('checkpoint')).toEqual(one);
    });

    it('stores a view without the rest of its buffer', async () => {
      const store = await make();
      await store.write(new Map([['checkpoint', Uint8Array.of(0, 1, 2, 3, 0).subarray(1, 4)]]));
      expect(await store.read('checkpoint')).toEqual(one);
    });

    it('removes what it is told to and nothing else, and does not mind what is not there', async () => {
      const store = await make();
      await store.write(
        new Map([
          ['tile/0/000.p/1', one],
          ['tile/0/000.p/2', two],
        ]),
      );
      await store.remove(['tile/0/000.p/1', 'tile/0/000.p/3', 'tile/7/000']);
      expect(await store.read('tile/0/000.p/1')).toBeUndefined();
      expect(await store.read('tile/0/000.p/2')).toEqual(two);
    });

    it('takes an empty write and an empty removal', async () => {
      const store = await make();
      await store.write(new Map());
      await store.remove([]);
      expect(await store.read('checkpoint')).toBeUndefined();
    });
  });
}
