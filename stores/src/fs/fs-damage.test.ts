import { readdir, readFile, truncate, writeFile, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import type { PackDescription } from '@assay/core/swarm/block-store.ts';
import { FsAnchorStore } from './fs-anchor-store.ts';
import { openArtifacts } from './closed-after-test.fixture.ts';
import type { FsArtifactStore } from './fs-artifact-store.ts';
import { FsLogStore } from './fs-log-store.ts';
import { openFsStores } from './open-fs-stores.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

const clock = { now: () => 100 };
const pack: PackDescription = {
  root: sha256(utf8('pack')),
  capability: new Uint8Array(66),
  blockSize: 1024,
  contentSize: 3_000,
  purl: 'pkg:npm/clsx@2.1.1',
  name: 'clsx-2.1.1.tgz',
};
const blocks = [1, 2, 3, 4].map((byte) => new Uint8Array(1024).fill(byte));
const references = blocks.map((block) => sha256(block));
const file = (folder: string, suffix: string): string => join(folder, toHex(pack.root) + suffix);

async function interrupted(folder: string): Promise<void> {
  const writer = await openArtifacts(folder, { clock }).begin(pack);
  for (const index of [0, 1]) await writer.put(index, blocks[index] ?? new Uint8Array(0));
  await writer.close();
}

async function whole(folder: string): Promise<FsArtifactStore> {
  const store = openArtifacts(folder, { clock });
  const writer = await store.begin(pack);
  for (const [index, block] of blocks.entries()) await writer.put(index, block);
  await writer.commit(references);
  await writer.close();
  return store;
}

describe('a pack in a folder', () => {
  it('is one plain file, blocks in pack order, with its table beside it and nothing left over', async () => {
    const folder = await temporaryFolder();
    await whole(folder);
    expect(new Uint8Array(await readFile(file(folder, '.pack')))).toEqual(
      Uint8Array.from(blocks.flatMap((block) => [...block])),
    );
    expect((await readdir(folder)).map((name) => name.slice(64)).toSorted()).toEqual([
      '.cbor',
      '.pack',
      '.references',
    ]);
  });

  it.each([
    ['torn entry', [0, 0]],
    ['zeros', [0, 0, 0, 0, 0, 0, 0, 3]],
  ])('is resumed when a crash left a %s in its journal', async (_name, bytes) => {
    const folder = await temporaryFolder();
    await interrupted(folder);
    await appendFile(file(folder, '.journal'), Uint8Array.from(bytes));
    const writer = await openArtifacts(folder, { clock }).begin(pack);
    expect([...writer.have()]).toEqual([0, 1]);
    await writer.put(2, blocks[2] ?? new Uint8Array(0));
    await writer.close();
    const again = await openArtifacts(folder, { clock }).begin(pack);
    expect([...again.have()]).toEqual([0, 1, 2]);
    await again.close();
  });

  it('is not complete before its description says so, whatever else is there', async () => {
    const folder = await temporaryFolder();
    await interrupted(folder);
    await writeFile(file(folder, '.references'), new Uint8Array(128));
    const store = openArtifacts(folder, { clock });
    expect(await store.has(pack.root)).toBe(false);
    expect(await store.readBlock(pack.root, 0)).toBeUndefined();
    expect(await store.references(pack.root)).toBeUndefined();
  });

  it('gives nothing, rather than a part of a block, when its file was cut short', async () => {
    const folder = await temporaryFolder();
    const store = await whole(folder);
    await truncate(file(folder, '.pack'), 3_500);
    expect(await store.readBlock(pack.root, 2)).toEqual(blocks[2]);
    expect(await store.readBlock(pack.root, 3)).toBeUndefined();
  });

  it('is reported, not passed over, when its description is damaged', async () => {
    const folder = await temporaryFolder();
    await whole(folder);
    await writeFile(file(folder, '.cbor'), 'garbage');
    await expect(openArtifacts(folder, { clock }).info(pack.root)).rejects.toThrow();
  });

  it('can be read by range', async () => {
    const store = await whole(await temporaryFolder());
    const chunks: number[] = [];
    for await (const chunk of store.readRange(pack.root, 1000, 2060)) chunks.push(...chunk);
    expect(chunks).toHaveLength(1060);
    expect([chunks[0], chunks[24], chunks.at(-1)]).toEqual([1, 2, 3]);
  });

  it('stays readable while more packs are open than are kept open', async () => {
    const folder = await temporaryFolder();
    const store = openArtifacts(folder, { clock });
    const packs = Array.from({ length: 40 }, (_, i) => ({ ...pack, root: sha256(utf8(`pack ${i}`)) }));
    for (const one of packs) {
      const writer = await store.begin(one);
      for (const [index, block] of blocks.entries()) await writer.put(index, block);
      await writer.commit(references);
      await writer.close();
    }
    const read = await Promise.all(
      [...packs, ...packs].flatMap(({ root }) => [0, 1, 2].map((index) => store.readBlock(root, index))),
    );
    expect(read.every((block) => block?.length === 1024)).toBe(true);
    await store.close();
  });
});

describe('a log in a folder', () => {
  it.each(['../keys.json', '/etc/passwd', 'tile/0/../../../x', 'checkpoint/x', 'tile/0/1', ''])(
    'has no file "%s"',
    async (path) => {
      const store = new FsLogStore(await temporaryFolder());
      await expect(store.read(path)).rejects.toMatchObject({ code: 'E_STORE' });
      await expect(store.write(new Map([[path, new Uint8Array(1)]]))).rejects.toMatchObject({
        code: 'E_STORE',
      });
      await expect(store.remove([path])).rejects.toMatchObject({ code: 'E_STORE' });
    },
  );

  it('goes on after a write that failed, and leaves no temporary file', async () => {
    const folder = await temporaryFolder();
    const store = new FsLogStore(folder);
    await writeFile(join(folder, 'tile'), 'a file where a folder is wanted');
    const files = new Map([['tile/0/000', new Uint8Array(32)]]);
    await expect(store.write(files)).rejects.toMatchObject({ code: 'E_STORE' });
    expect(await store.read('tile/0/000')).toBeUndefined();
    await store.write(new Map([['checkpoint', new Uint8Array(1)]]));
    expect((await readdir(folder)).toSorted()).toEqual(['checkpoint', 'tile']);
  });
});

describe('an anchor in a file', () => {
  it('is never taken for absent when it is damaged', async () => {
    const path = join(await temporaryFolder(), 'anchor.cbor');
    const store = new FsAnchorStore(path);
    await store.save({ size: 7, root: new Uint8Array(32), checkpoint: utf8('note\n') });
    const stored = await readFile(path);
    for (const damaged of [stored.subarray(0, -1), new Uint8Array(0), Buffer.concat([stored, stored])]) {
      await writeFile(path, damaged);
      await expect(store.load()).rejects.toThrow();
    }
  });
});

it('reports what the file system refuses as an error of the store', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'packs'), 'a file where a folder is wanted');
  const { artifacts } = openFsStores(folder, { clock });
  await expect(artifacts.begin(pack)).rejects.toMatchObject({ code: 'E_STORE' });
  await expect(artifacts.begin(pack)).rejects.toMatchObject({ code: 'E_STORE' });
});
