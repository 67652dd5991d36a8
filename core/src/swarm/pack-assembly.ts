import type { Breathe } from '../breath.ts';
import { toHex } from '../encoding/hex.ts';
import { decodeCapability } from '../eris/capability.ts';
import type { GetBlock } from '../eris/decode.ts';
import { createPackPlan, type PackPlan } from '../eris/pack-plan.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { PackDescription, PackWriterHandle } from './block-store.ts';

/** Failures of a block that are the sender's: these bytes are not the block that was asked for. */
const SENDERS_FAULT: readonly string[] = ['E_ERIS_BLOCK_LENGTH', 'E_ERIS_BLOCK_HASH', 'E_ERIS_BLOCK_UNKNOWN'];

/** A pack growing in a store: knows which blocks there are, takes in only what belongs, adopts what an earlier run left. */
export class PackAssembly {
  readonly plan: PackPlan;
  readonly #writer: PackWriterHandle;
  /** Indexes that an earlier run stored and that are not checked yet, because nothing names them so far. */
  readonly #left: Set<number>;
  #adopted = 0;

  constructor(pack: PackDescription, writer: PackWriterHandle) {
    this.plan = unwrap(createPackPlan(unwrap(decodeCapability(pack.capability)), pack.contentSize));
    this.#writer = writer;
    this.#left = new Set(writer.have());
  }

  /** Number of blocks if none occurred twice. */
  get maxBlocks(): number {
    return this.plan.total ?? this.plan.shape.counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Checks a block and puts it into the store; false when it was there already or belongs to no pack of this length. Throws
   * `E_SOURCE_BAD_BLOCK` when the sender is to blame, `E_ERIS_…` when the capability is.
   */
  async take(index: number, block: Uint8Array): Promise<boolean> {
    const { plan } = this;
    if (plan.has(index) || (plan.total !== undefined && index >= plan.total)) return false;
    const accepted = plan.accept(index, block);
    if (!accepted.ok) {
      const { error } = accepted;
      throw SENDERS_FAULT.includes(error.code)
        ? new AssayError('E_SOURCE_BAD_BLOCK', { index }, error)
        : error;
    }
    await this.#writer.put(index, block);
    return true;
  }

  /**
   * Rehashes what an earlier run stored, as far as it is known by now, and gives the indexes of the good blocks. Damaged ones are
   * forgotten. `breathe` is awaited between blocks.
   */
  async *adoptStored(breathe: Breathe): AsyncGenerator<number> {
    const known = this.plan.known();
    for (; this.#adopted < known.length; this.#adopted++) {
      const index = this.#adopted;
      if (!this.#left.delete(index) || this.plan.has(index)) continue;
      const block = await this.#writer.read(index);
      if (block !== undefined && this.plan.accept(index, block).ok) yield index;
      else await this.#writer.drop(index);
      await breathe();
    }
  }

  /** Reads blocks by reference while the pack is not committed. */
  get getBlock(): GetBlock {
    const indexes = new Map(this.plan.known().map(({ reference, index }) => [toHex(reference), index]));
    return async (reference) => {
      const index = indexes.get(toHex(reference));
      return index === undefined ? undefined : await this.#writer.read(index);
    };
  }

  /** Makes the whole pack readable. */
  async commit(): Promise<void> {
    await this.#writer.commit(this.plan.known().map(({ reference }) => reference));
  }
}
