import { toHex } from '@assay/core/encoding/hex.ts';
import { REFERENCE_BYTES } from '@assay/core/eris/capability.ts';
import type { ArtifactStore } from '@assay/core/swarm/block-store.ts';

/** What finding blocks without knowing their pack needs of the store. */
export interface LocatableStore extends Pick<ArtifactStore, 'list' | 'findBlock'> {
  /** The concatenated references of a complete pack, in pack order. */
  references(root: Uint8Array): Promise<Uint8Array | undefined>;
}

interface Table {
  readonly root: Uint8Array;
  /** First four bytes of each reference, ascending. */
  readonly prefixes: Uint32Array;
}

/**
 * Finds a block in whatever pack holds it. Four bytes of memory per stored block tell which packs may; the pack's own table
 * of references decides.
 */
export class BlockLocator {
  readonly #store: LocatableStore;
  readonly #tables = new Map<string, Table>();
  #loading: Promise<void> | undefined;

  constructor(store: LocatableStore) {
    this.#store = store;
  }

  /** The block with this reference, or undefined when no complete pack has it. */
  async find(reference: Uint8Array): Promise<Uint8Array | undefined> {
    this.#loading ??= this.#loadAll().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    await this.#loading;
    const prefix = prefixAt(reference, 0);
    for (const { root, prefixes } of this.#tables.values()) {
      if (!includes(prefixes, prefix)) continue;
      const block = await this.#store.findBlock(root, reference);
      if (block !== undefined) return block;
    }
    return undefined;
  }

  /** To be called when a pack is held from now on, or not any more. */
  async update(root: Uint8Array, held: boolean): Promise<void> {
    // What was not loaded yet is found complete by the first search.
    if (this.#loading === undefined) return;
    await this.#loading;
    if (held) await this.#load(root);
    else this.#tables.delete(toHex(root));
  }

  async #loadAll(): Promise<void> {
    for (const { root, complete } of await this.#store.list()) if (complete) await this.#load(root);
  }

  async #load(root: Uint8Array): Promise<void> {
    const references = await this.#store.references(root);
    if (references === undefined) return;
    const count = Math.floor(references.length / REFERENCE_BYTES);
    const prefixes = Uint32Array.from({ length: count }, (_, i) => prefixAt(references, i * REFERENCE_BYTES));
    this.#tables.set(toHex(root), { root, prefixes: prefixes.toSorted() });
  }
}

function prefixAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}

/** Binary search. */
function includes(sorted: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
