import { packBlockCount } from '@assay/core/eris/tree-shape.ts';
import type { BlockSize } from '@assay/core/eris/capability.ts';
import type { PackDescription } from '@assay/core/swarm/block-store.ts';

/** Neighbouring blocks are stored as one value: IndexedDB takes 1 MiB values about twice as fast as 64 KiB ones (measured). */
export const GROUP_BYTES = 1024 * 1024;

/** Blocks in one group. */
export function blocksPerGroup(blockSize: BlockSize): number {
  return GROUP_BYTES / blockSize;
}

/** The group of a block and its place there. */
export function placeOf(index: number, blockSize: BlockSize): { group: number; offset: number } {
  const perGroup = blocksPerGroup(blockSize);
  return { group: Math.floor(index / perGroup), offset: (index % perGroup) * blockSize };
}

/** Blocks of one group on their way into the store. */
export class BlockGroup {
  readonly group: number;
  /** Numbers, within the pack, of the blocks that were put. */
  readonly indexes = new Set<number>();
  readonly #blockSize: BlockSize;
  readonly #capacity: number;
  readonly #bytes: Uint8Array;
  #end = 0;

  constructor(description: PackDescription, group: number) {
    const { blockSize, contentSize } = description;
    const perGroup = blocksPerGroup(blockSize);
    this.group = group;
    this.#blockSize = blockSize;
    this.#capacity = Math.min(perGroup, packBlockCount(contentSize, blockSize) - group * perGroup);
    this.#bytes = new Uint8Array(this.#capacity * blockSize);
  }

  /** Whether no further block belongs here. */
  get full(): boolean {
    return this.indexes.size === this.#capacity;
  }

  put(index: number, block: Uint8Array): void {
    const { offset } = placeOf(index, this.#blockSize);
    this.#bytes.set(block, offset);
    this.#end = Math.max(this.#end, offset + block.length);
    this.indexes.add(index);
  }

  /** A copy of a block that was put. */
  read(index: number): Uint8Array | undefined {
    if (!this.indexes.has(index)) return undefined;
    const { offset } = placeOf(index, this.#blockSize);
    return this.#bytes.slice(offset, offset + this.#blockSize);
  }

  /** The group's value: these blocks over those of the value stored earlier. */
  over(stored: Uint8Array | undefined): Uint8Array {
    if (stored === undefined) return this.#bytes.slice(0, this.#end);
    const merged = new Uint8Array(Math.max(stored.length, this.#end));
    merged.set(stored);
    for (const index of this.indexes) {
      const { offset } = placeOf(index, this.#blockSize);
      merged.set(this.#bytes.subarray(offset, offset + this.#blockSize), offset);
    }
    return merged;
  }
}
