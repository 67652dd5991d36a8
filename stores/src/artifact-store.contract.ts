import { describe, expect, it } from 'vitest';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { u32be, utf8 } from '@assay/core/encoding/bytes.ts';
import { blockSizeFor } from '@assay/core/eris/capability.ts';
import { packBlockCount } from '@assay/core/eris/tree-shape.ts';
import type { ArtifactStore, PackDescription } from '@assay/core/swarm/block-store.ts';
import type { QuotaBytes } from './eviction.ts';

/** A durable store and a second one over the same data, as another process or tab would open it. */
export interface DurableStore {
  readonly store: ArtifactStore;
  readonly openAgain: () => Promise<ArtifactStore>;
}

export interface DurableStoreOptions {
  readonly clock: { now(): number };
  readonly quotaBytes: QuotaBytes;
}

const KIB = 1024;

function describePack(name: string, contentSize: number): PackDescription {
  return {
    root: sha256(utf8(name)),
    capability: new Uint8Array(66).fill(1),
    blockSize: blockSizeFor(contentSize),
    contentSize,
    purl: `pkg:npm/${name}@1.0.0`,
    name: `${name}-1.0.0.tgz`,
  };
}

const blockCount = ({ contentSize, blockSize }: PackDescription): number =>
  packBlockCount(contentSize, blockSize);

/** Block `index` of a pack, unlike any other one's. */
function blockOf({ root, blockSize }: PackDescription, index: number): Uint8Array {
  const block = new Uint8Array(blockSize).fill(index);
  block.set(root);
  block.set(u32be(index), 32);
  return block;
}

const referencesOf = (pack: PackDescription): Uint8Array[] =>
  Array.from({ length: blockCount(pack) }, (_, index) => sha256(blockOf(pack, index)));

async function storeWhole(store: ArtifactStore, pack: PackDescription): Promise<void> {
  const writer = await store.begin(pack);
  for (let index = 0; index < blockCount(pack); index++) await writer.put(index, blockOf(pack, index));
  await writer.commit(referencesOf(pack));
  await writer.close();
}

const byTurns = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? i / 2 : count - 1 - (i - 1) / 2));

/** What every durable store must do besides the contract of the core. `make` gives a fresh, empty one. */
export function durableStoreContract(
  name: string,
  make: (options: DurableStoreOptions) => Promise<DurableStore>,
): void {
  let now = 100;
  let quota: number | undefined;
  const fresh = (): Promise<DurableStore> => {
    now = 100;
    quota = undefined;
    return make({ clock: { now: () => now++ }, quotaBytes: () => quota });
  };

  describe(`durable artifact store: ${name}`, () => {
    it('keeps packs of many megabytes, whatever the order in which blocks come', async () => {
      const { store, openAgain } = await fresh();
      const pack = describePack('large', 3_000_000);
      const writer = await store.begin(pack);
      const order = byTurns(blockCount(pack));
      await Promise.all(order.map((index) => writer.put(index, blockOf(pack, index))));
      expect(await writer.read(50)).toEqual(blockOf(pack, 50));
      await writer.commit(referencesOf(pack));
      await writer.close();
      for (const opened of [store, await openAgain()]) {
        for (const index of [0, 31, 32, 63, 64, blockCount(pack) - 1]) {
          expect(await opened.readBlock(pack.root, index)).toEqual(blockOf(pack, index));
        }
        expect(await opened.readBlock(pack.root, blockCount(pack))).toBeUndefined();
        expect(await opened.readBlock(pack.root, -1)).toBeUndefined();
        expect(await opened.readBlock(pack.root, 0.5)).toBeUndefined();
        expect(await opened.findBlock(pack.root, sha256(blockOf(pack, 77)))).toEqual(blockOf(pack, 77));
      }
    });

    it('survives that the writer is never closed, but for what was put last', async () => {
      const { store, openAgain } = await fresh();
      const pack = describePack('crashed', 3_000_000);
      const writer = await store.begin(pack);
      for (let index = 0; index < 40; index++) await writer.put(index, blockOf(pack, index));
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      await writer.put(41, blockOf(pack, 41));
      const second = await (await openAgain()).begin(pack);
      expect(second.have().size).toBeGreaterThanOrEqual(40);
      for (const index of second.have()) expect(await second.read(index)).toEqual(blockOf(pack, index));
      await second.close();
      await writer.close();
    });

    it('refuses what cannot be a block of the pack', async () => {
      const { store } = await fresh();
      const pack = describePack('odd', 2_000);
      const writer = await store.begin(pack);
      const refused = { code: 'E_STORE' };
      await expect(writer.put(0, new Uint8Array(KIB - 1))).rejects.toMatchObject(refused);
      await expect(writer.put(blockCount(pack), new Uint8Array(KIB))).rejects.toMatchObject(refused);
      await expect(writer.put(-1, new Uint8Array(KIB))).rejects.toMatchObject(refused);
      await expect(writer.put(2 ** 40, new Uint8Array(KIB))).rejects.toMatchObject(refused);
      expect(writer.have().size).toBe(0);
      await writer.close();
    });

    it('lets go of a pack that is removed while it is written, and takes it anew', async () => {
      const { store } = await fresh();
      const pack = describePack('removed', 2_000);
      const writer = await store.begin(pack);
      await writer.put(0, blockOf(pack, 0));
      await store.remove(pack.root);
      await expect(writer.put(1, blockOf(pack, 1))).rejects.toMatchObject({ code: 'E_STORE' });
      await expect(writer.commit(referencesOf(pack))).rejects.toMatchObject({ code: 'E_STORE' });
      await writer.close();
      expect(await store.list()).toEqual([]);
      await storeWhole(store, pack);
      expect(await store.readBlock(pack.root, 1)).toEqual(blockOf(pack, 1));
    });

    it('opens a complete pack again: it stays readable until a block is dropped', async () => {
      const { store } = await fresh();
      const pack = describePack('repaired', 2_000);
      await storeWhole(store, pack);
      expect(await store.readBlock(pack.root, 1)).toEqual(blockOf(pack, 1));
      const writer = await store.begin(pack);
      expect(writer.have().size).toBe(blockCount(pack));
      await writer.put(1, blockOf(pack, 1));
      expect(await store.has(pack.root)).toBe(true);
      await writer.drop(1);
      expect(await store.has(pack.root)).toBe(false);
      expect(await store.findBlock(pack.root, sha256(blockOf(pack, 0)))).toBeUndefined();
      await writer.put(1, blockOf(pack, 1));
      await writer.commit(referencesOf(pack));
      await writer.close();
      expect(await store.readBlock(pack.root, 1)).toEqual(blockOf(pack, 1));
    });

    it('evicts what was used least lately, never what is pinned or being written', async () => {
      const { store } = await fresh();
      const [pinned, old, used, open, wanted] = ['pinned', 'old', 'used', 'open', 'wanted'].map((one) =>
        describePack(one, 2_000),
      ) as [PackDescription, PackDescription, PackDescription, PackDescription, PackDescription];
      const size = blockCount(old) * KIB;
      for (const pack of [pinned, old, used]) await storeWhole(store, pack);
      await store.pin(pinned.root, true);
      const writer = await store.begin(open);
      await store.touch(used.root);
      quota = 4 * size;
      await storeWhole(store, wanted);
      const held = async (): Promise<string[]> =>
        (await store.list()).map(({ purl }) => purl.slice(8, -6)).toSorted();
      expect(await held()).toEqual(['open', 'pinned', 'used', 'wanted']);
      quota = 2 * size - 1;
      await expect(store.begin(old)).rejects.toMatchObject({ code: 'E_STORE_FULL', fields: { need: size } });
      expect(await held()).toEqual(['open', 'pinned', 'used', 'wanted']);
      await writer.close();
    });

    it('takes a pack again that is stored already, at no cost to others', async () => {
      const { store } = await fresh();
      const [first, second] = [describePack('first', 2_000), describePack('second', 2_000)];
      await storeWhole(store, first);
      await storeWhole(store, second);
      quota = 2 * blockCount(first) * KIB;
      await (await store.begin(second)).close();
      expect(await store.has(first.root)).toBe(true);
    });

    it('can be written from two places at the same time without harm', async () => {
      const { store, openAgain } = await fresh();
      const other = await openAgain();
      const pack = describePack('shared', 1_500_000);
      const [mine, theirs] = [await store.begin(pack), await other.begin(pack)];
      const count = blockCount(pack);
      for (let index = 0; index < count; index++) {
        await mine.put(index, blockOf(pack, index));
        if (index % 3 === 0) await theirs.put(index, blockOf(pack, index));
      }
      await mine.commit(referencesOf(pack));
      await theirs.close();
      await mine.close();
      for (let index = 0; index < count; index++) {
        expect(await other.readBlock(pack.root, index)).toEqual(blockOf(pack, index));
      }
    });
  });
}
