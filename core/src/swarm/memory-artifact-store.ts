import type { Clock } from '../clock.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { ArtifactStore, PackDescription, PackInfo, PackWriterHandle } from './block-store.ts';

interface Pack {
  readonly description: PackDescription;
  readonly blocks: Map<number, Uint8Array>;
  /** Set by `commit`: index of each block by the hex of its reference. */
  indexes?: ReadonlyMap<string, number>;
  pinned: boolean;
  lastUsed: number;
  writing: boolean;
}

/** An ArtifactStore that forgets with the process. It keeps and hands out copies, as a disk would. */
export class MemoryArtifactStore implements ArtifactStore {
  readonly #packs = new Map<string, Pack>();
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  has(root: Uint8Array): Promise<boolean> {
    return Promise.resolve(this.#packs.get(toHex(root))?.indexes !== undefined);
  }

  info(root: Uint8Array): Promise<PackInfo | undefined> {
    const pack = this.#packs.get(toHex(root));
    return Promise.resolve(pack && infoOf(pack));
  }

  list(): Promise<readonly PackInfo[]> {
    return Promise.resolve([...this.#packs.values()].map(infoOf));
  }

  async begin(description: PackDescription): Promise<PackWriterHandle> {
    const name = toHex(description.root);
    const pack = this.#packs.get(name) ?? {
      description,
      blocks: new Map<number, Uint8Array>(),
      pinned: false,
      lastUsed: 0,
      writing: false,
    };
    if (pack.writing) throw new AssayError('E_STORE_BUSY');
    this.#packs.set(name, pack);
    pack.writing = true;
    pack.lastUsed = this.#clock.now();
    return await Promise.resolve(new MemoryPackWriter(pack));
  }

  readBlock(root: Uint8Array, index: number): Promise<Uint8Array | undefined> {
    const pack = this.#packs.get(toHex(root));
    return Promise.resolve(pack?.indexes === undefined ? undefined : pack.blocks.get(index)?.slice());
  }

  async findBlock(root: Uint8Array, reference: Uint8Array): Promise<Uint8Array | undefined> {
    const index = this.#packs.get(toHex(root))?.indexes?.get(toHex(reference));
    return index === undefined ? undefined : await this.readBlock(root, index);
  }

  touch(root: Uint8Array): Promise<void> {
    const pack = this.#packs.get(toHex(root));
    if (pack !== undefined) pack.lastUsed = this.#clock.now();
    return Promise.resolve();
  }

  pin(root: Uint8Array, pinned: boolean): Promise<void> {
    const pack = this.#packs.get(toHex(root));
    if (pack !== undefined) pack.pinned = pinned;
    return Promise.resolve();
  }

  remove(root: Uint8Array): Promise<void> {
    this.#packs.delete(toHex(root));
    return Promise.resolve();
  }

  async usage(): Promise<number> {
    return (await this.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

class MemoryPackWriter implements PackWriterHandle {
  readonly #pack: Pack;

  constructor(pack: Pack) {
    this.#pack = pack;
  }

  have(): ReadonlySet<number> {
    return new Set(this.#pack.blocks.keys());
  }

  put(index: number, block: Uint8Array): Promise<void> {
    this.#pack.blocks.set(index, block.slice());
    return Promise.resolve();
  }

  read(index: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#pack.blocks.get(index)?.slice());
  }

  drop(index: number): Promise<void> {
    this.#pack.blocks.delete(index);
    return Promise.resolve();
  }

  commit(references: readonly Uint8Array[]): Promise<void> {
    const { blocks } = this.#pack;
    if (blocks.size !== references.length || !references.every((_, index) => blocks.has(index))) {
      return Promise.reject(new AssayError('E_STORE', { reason: 'not every block of the pack was put' }));
    }
    this.#pack.indexes = new Map(references.map((reference, index) => [toHex(reference), index]));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#pack.writing = false;
    return Promise.resolve();
  }
}

function infoOf({ description, blocks, indexes, pinned, lastUsed }: Pack): PackInfo {
  return {
    ...description,
    blockCount: blocks.size,
    bytes: blocks.size * description.blockSize,
    complete: indexes !== undefined,
    pinned,
    lastUsed,
  };
}
