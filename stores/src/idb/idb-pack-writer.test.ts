import 'fake-indexeddb/auto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import type { PackDescription, PackWriterHandle } from '@assay/core/swarm/block-store.ts';
import { temporaryDatabase } from './idb-contracts.fixture.ts';
import { IdbArtifactStore } from './idb-artifact-store.ts';

const BLOCK_SIZE = 32_768;
/** Three groups of 32 blocks. */
const BLOCKS = 96;

const block = (index: number): Uint8Array => new Uint8Array(BLOCK_SIZE).fill(index + 1);

async function openPack(): Promise<{ writer: PackWriterHandle; groupsRead: () => number }> {
  const { database } = await temporaryDatabase();
  const pack: PackDescription = {
    root: sha256(),
    capability: new Uint8Array(66),
    blockSize: BLOCK_SIZE,
    contentSize: (BLOCKS - 1) * BLOCK_SIZE - 1,
    purl: 'pkg:npm/some@1.0.0',
    name: 'some-1.0.0.tgz',
  };
  const writer = await new IdbArtifactStore(database, { clock: { now: () => 0 } }).begin(pack);
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  onTestFinished(async () => {
    get.mockRestore();
    await writer.close();
    database.close();
  });
  const isOfGroups = (store: unknown): boolean => store instanceof IDBObjectStore && store.name === 'groups';
  return { writer, groupsRead: () => get.mock.contexts.filter(isOfGroups).length };
}

it('reads each group once when a pack is read in order', async () => {
  const { writer, groupsRead } = await openPack();
  for (let index = 0; index < BLOCKS; index++) await writer.put(index, block(index));
  const before = groupsRead();
  for (let index = 0; index < BLOCKS; index++) expect(await writer.read(index)).toEqual(block(index));
  expect(groupsRead() - before).toBe(3);
});

it('reads a group anew when blocks were written into it', async () => {
  const { writer } = await openPack();
  await writer.put(0, block(0));
  for (let index = 1; index < 31; index++) await writer.put(index, block(index));
  await writer.drop(30);
  expect(await writer.read(0)).toEqual(block(0));
  for (const index of [30, 31]) await writer.put(index, block(40 + index));
  await writer.drop(31);
  expect(await writer.read(30)).toEqual(block(70));
  expect(await writer.read(31)).toBeUndefined();
});
