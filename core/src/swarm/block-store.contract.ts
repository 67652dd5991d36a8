import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import type { ArtifactStore, PackDescription, PackWriterHandle } from './block-store.ts';

/** A store under test and a way to open it again as after a restart (the same store where it forgets with the process). */
export interface StoreUnderTest {
  readonly store: ArtifactStore;
  readonly reopen: () => Promise<ArtifactStore>;
}

const BLOCK_SIZE = 1024;

function describePack(name: string): PackDescription {
  return {
    root: sha256(utf8(name)),
    capability: new Uint8Array(66).fill(name.length),
    blockSize: BLOCK_SIZE,
    contentSize: 2000,
    purl: `pkg:npm/${name}@1.0.0`,
    name: `${name}-1.0.0.tgz`,
  };
}

const block = (index: number): Uint8Array => new Uint8Array(BLOCK_SIZE).fill(index + 1);
const reference = (index: number): Uint8Array => sha256(block(index));

async function putAll(writer: PackWriterHandle, indexes: readonly number[]): Promise<void> {
  for (const index of indexes) await writer.put(index, block(index));
}

async function store3(store: ArtifactStore, name: string): Promise<PackDescription> {
  const pack = describePack(name);
  const writer = await store.begin(pack);
  await putAll(writer, [2, 0, 1]);
  await writer.commit([0, 1, 2].map(reference));
  await writer.close();
  return pack;
}

/** What every ArtifactStore must do. `make` gives a fresh, empty store whose time is `clock`. */
export function artifactStoreContract(
  name: string,
  make: (clock: Pick<Clock, 'now'>) => Promise<StoreUnderTest>,
): void {
  let now = 100;
  const fresh = (): Promise<StoreUnderTest> => make({ now: () => now });

  describe(`ArtifactStore: ${name}`, () => {
    it('gives back a committed pack by index and by reference, also after a restart', async () => {
      const { store, reopen } = await fresh();
      const { root } = await store3(store, 'clsx');
      for (const opened of [store, await reopen()]) {
        expect(await opened.has(root)).toBe(true);
        expect(await opened.readBlock(root, 1)).toEqual(block(1));
        expect(await opened.findBlock(root, reference(2))).toEqual(block(2));
        expect(await opened.readBlock(root, 3)).toBeUndefined();
        expect(await opened.findBlock(root, reference(3))).toBeUndefined();
      }
    });

    it('shows nobody a block before the commit', async () => {
      const { store } = await fresh();
      const pack = describePack('clsx');
      const writer = await store.begin(pack);
      await putAll(writer, [0, 1]);
      expect(await store.has(pack.root)).toBe(false);
      expect(await store.readBlock(pack.root, 0)).toBeUndefined();
      expect(await store.findBlock(pack.root, reference(0))).toBeUndefined();
      expect(await writer.read(0)).toEqual(block(0));
      expect((await store.info(pack.root))?.complete).toBe(false);
      await writer.close();
    });

    it('goes on where an interrupted write stopped', async () => {
      const { store, reopen } = await fresh();
      const pack = describePack('clsx');
      const first = await store.begin(pack);
      await putAll(first, [0, 2]);
      await first.close();
      const again = await reopen();
      const second = await again.begin(pack);
      expect([...second.have()].toSorted()).toEqual([0, 2]);
      expect(await second.read(2)).toEqual(block(2));
      await second.drop(2);
      expect([...second.have()]).toEqual([0]);
      expect(await second.read(2)).toBeUndefined();
      await putAll(second, [1, 2]);
      await second.commit([0, 1, 2].map(reference));
      await second.close();
      expect(await again.findBlock(pack.root, reference(2))).toEqual(block(2));
    });

    it('refuses to commit a pack with a gap', async () => {
      const { store } = await fresh();
      const writer = await store.begin(describePack('clsx'));
      await putAll(writer, [0, 2]);
      await expect(writer.commit([0, 1, 2].map(reference))).rejects.toMatchObject({ code: 'E_STORE' });
      await writer.close();
    });

    it('lets one writer at a time have a pack', async () => {
      const { store } = await fresh();
      const writer = await store.begin(describePack('clsx'));
      await expect(store.begin(describePack('clsx'))).rejects.toMatchObject({ code: 'E_STORE_BUSY' });
      await writer.close();
      await (await store.begin(describePack('clsx'))).close();
    });

    it('describes what it holds', async () => {
      const { store } = await fresh();
      now = 100;
      const pack = await store3(store, 'clsx');
      const partial = await store.begin(describePack('nanoid'));
      await putAll(partial, [0]);
      await partial.close();
      expect(await store.info(pack.root)).toEqual({
        ...pack,
        blockCount: 3,
        bytes: 3 * BLOCK_SIZE,
        complete: true,
        pinned: false,
        lastUsed: 100,
      });
      expect(await store.info(sha256(utf8('other')))).toBeUndefined();
      expect((await store.list()).map(({ purl, complete }) => [purl, complete]).toSorted()).toEqual([
        ['pkg:npm/clsx@1.0.0', true],
        ['pkg:npm/nanoid@1.0.0', false],
      ]);
      expect(await store.usage()).toBe(4 * BLOCK_SIZE);
    });

    it('remembers pins and use', async () => {
      const { store, reopen } = await fresh();
      now = 100;
      const { root } = await store3(store, 'clsx');
      now = 250;
      await store.touch(root);
      await store.pin(root, true);
      expect(await (await reopen()).info(root)).toMatchObject({ lastUsed: 250, pinned: true });
      await store.pin(root, false);
      expect(await store.info(root)).toMatchObject({ pinned: false });
    });

    it('removes packs, whole or not, and nothing else', async () => {
      const { store } = await fresh();
      const kept = await store3(store, 'kept');
      const whole = await store3(store, 'whole');
      const partial = await store.begin(describePack('partial'));
      await putAll(partial, [0]);
      await partial.close();
      await store.remove(whole.root);
      await store.remove(describePack('partial').root);
      await store.remove(describePack('unknown').root);
      expect(await store.has(whole.root)).toBe(false);
      expect(await store.readBlock(whole.root, 0)).toBeUndefined();
      expect(await store.usage()).toBe(3 * BLOCK_SIZE);
      expect(await store.readBlock(kept.root, 0)).toEqual(block(0));
    });
  });
}
