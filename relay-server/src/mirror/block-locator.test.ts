import { describe, expect, it } from 'vitest';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { concatBytes, utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { BlockLocator, type LocatableStore } from './block-locator.ts';

/** A store that tells which packs were searched. */
class CountingStore extends MemoryArtifactStore implements LocatableStore {
  readonly searched: string[] = [];
  readonly #references = new Map<string, Uint8Array>();

  constructor() {
    super({ now: () => 1 });
  }

  async add(name: string, contents: readonly string[]): Promise<Uint8Array> {
    const root = sha256(utf8(name));
    const blocks = contents.map((content) => utf8(content.padEnd(1024)));
    const pack = {
      root,
      capability: new Uint8Array(66),
      blockSize: 1024,
      contentSize: 5000,
      purl: '',
      name,
    } as const;
    const writer = await this.begin(pack);
    for (const [index, block] of blocks.entries()) await writer.put(index, block);
    await writer.commit(blocks.map((block) => sha256(block)));
    await writer.close();
    this.#references.set(toHex(root), concatBytes(...blocks.map((block) => sha256(block))));
    return root;
  }

  override findBlock(root: Uint8Array, reference: Uint8Array): Promise<Uint8Array | undefined> {
    this.searched.push(toHex(root));
    return super.findBlock(root, reference);
  }

  references(root: Uint8Array): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#references.get(toHex(root)));
  }
}

const block = (content: string): Uint8Array => utf8(content.padEnd(1024));
const reference = (content: string): Uint8Array => sha256(block(content));

describe('a block without its pack', () => {
  it('is found in the one pack that has it, without a look into the others', async () => {
    const store = new CountingStore();
    await store.add('first', ['a', 'b', 'c']);
    const second = await store.add('second', ['d', 'e']);
    const locator = new BlockLocator(store);
    expect(await locator.find(reference('e'))).toEqual(block('e'));
    expect(store.searched).toEqual([toHex(second)]);
    expect(await locator.find(reference('z'))).toBeUndefined();
    expect(store.searched).toHaveLength(1);
  });

  it('is found in packs that came later, and not in those that went', async () => {
    const store = new CountingStore();
    const first = await store.add('first', ['a']);
    const locator = new BlockLocator(store);
    expect(await locator.find(reference('a'))).toEqual(block('a'));
    const second = await store.add('second', ['b']);
    await locator.update(second, true);
    expect(await locator.find(reference('b'))).toEqual(block('b'));
    await store.remove(first);
    await locator.update(first, false);
    expect(await locator.find(reference('a'))).toBeUndefined();
  });

  it('is looked for again after the store has failed once', async () => {
    const store = new CountingStore();
    await store.add('first', ['a']);
    const locator = new BlockLocator(store);
    const list = store.list.bind(store);
    store.list = () => Promise.reject(new AssayError('E_STORE', { reason: 'no more open files' }));
    await expect(locator.find(reference('a'))).rejects.toMatchObject({ code: 'E_STORE' });
    store.list = list;
    expect(await locator.find(reference('a'))).toEqual(block('a'));
  });
});
