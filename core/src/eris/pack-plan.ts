import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { ReadCapability } from './capability.ts';
import { checkBlock, openNode, pairAt, type ReferenceKeyPair } from './block.ts';
import { nobleKernel, type BlockKernel } from './kernel.ts';
import { arityOf, pairsInNode, shapeOf, type TreeShape } from './tree-shape.ts';

/** One block of a pack. */
export interface PackSlot {
  /** Number of the block in the pack; its bytes stand at index × block size. */
  readonly index: number;
  readonly reference: Uint8Array;
  /** 0 for leaves. */
  readonly level: number;
}

/**
 * What a fetcher knows of a pack, growing while blocks arrive. At first that is the root; every node accepted
 * reveals its children, once all nodes before it in the pack were accepted too. A pack holds each distinct block once:
 * the root, then level by level, each from left to right, repeated blocks where they occur first. No two readers of
 * the same capability and size ever number the blocks differently.
 */
export interface PackPlan {
  readonly shape: TreeShape;
  /** Blocks in the pack; undefined until all nodes were accepted. */
  readonly total: number | undefined;
  /** Blocks accepted or marked as stored. */
  readonly accepted: number;
  /** Whether all blocks were accepted or marked as stored. */
  readonly complete: boolean;
  /** The blocks known so far, in pack order. The same array on every call; it only grows. */
  known(): readonly PackSlot[];
  /** Whether block `index` was accepted or marked as stored. */
  has(index: number): boolean;
  /**
   * Checks a block and takes it into account. The plan keeps no leaf. `newlyKnown` tells how many slots it revealed.
   * `E_ERIS_BLOCK_LENGTH` and `E_ERIS_BLOCK_HASH` are the sender's fault; `E_ERIS_KEY` and `E_ERIS_SHAPE` mean that the
   * capability itself leads to a malformed tree; `E_ERIS_BLOCK_UNKNOWN` that the slot is not known (yet).
   */
  accept(index: number, block: Uint8Array): Result<{ readonly newlyKnown: number }>;
  /** Notes that a leaf lies in a store that took it only after a check, so it need not be hashed again. */
  markStored(index: number): Result<void>;
}

/**
 * The plan of the pack behind a capability whose content has `contentSize` bytes, as a verified record says. Fails
 * with `E_ERIS_LEVEL` or `E_ERIS_SIZE` when the two cannot belong together. Nothing is allocated by size: the memory of
 * a plan follows the nodes accepted, and a tree that repeats its nodes to unfold beyond the size is refused.
 */
export function createPackPlan(
  capability: ReadCapability,
  contentSize: number,
  kernel: BlockKernel = nobleKernel,
): Result<PackPlan> {
  const shape = shapeOf(capability, contentSize);
  return shape.ok ? ok(new TreeWalk(capability, shape.value, kernel)) : shape;
}

interface PlannedBlock extends PackSlot, ReferenceKeyPair {
  /** Whether the block is the rightmost of its level, the only one that may be less than full. */
  readonly isLast: boolean;
}

/** Breadth-first walk over the distinct nodes; their order in `#slots` is the order of the pack. */
class TreeWalk implements PackPlan {
  readonly shape: TreeShape;
  readonly #kernel: BlockKernel;
  readonly #slots: PlannedBlock[] = [];
  readonly #byReference = new Map<string, PlannedBlock>();
  readonly #accepted = new Set<number>();
  /** Decrypted nodes that wait for a node before them. */
  readonly #waiting = new Map<number, Uint8Array>();
  /** The first slot whose children are not known. */
  #next = 0;

  constructor(capability: ReadCapability, shape: TreeShape, kernel: BlockKernel) {
    this.shape = shape;
    this.#kernel = kernel;
    const root = { reference: capability.rootReference, key: capability.rootKey };
    this.#append(toHex(root.reference), root, capability.level, true);
  }

  get total(): number | undefined {
    return this.#slots[this.#next]?.level === 0 ? this.#slots.length : undefined;
  }

  get accepted(): number {
    return this.#accepted.size;
  }

  get complete(): boolean {
    return this.#accepted.size === this.total;
  }

  known(): readonly PackSlot[] {
    return this.#slots;
  }

  has(index: number): boolean {
    return this.#accepted.has(index);
  }

  accept(index: number, block: Uint8Array): Result<{ readonly newlyKnown: number }> {
    const slot = this.#slots[index];
    if (slot === undefined) return this.#unknown(index);
    const checked = checkBlock(block, slot.reference, this.shape.blockSize, this.#kernel);
    if (!checked.ok) return checked;
    if (slot.level > 0 && !this.#accepted.has(index)) {
      const node = openNode(block, slot.key, slot.level, this.#pairsOf(slot), this.#kernel);
      if (!node.ok) return node;
      this.#waiting.set(index, node.value);
    }
    this.#accepted.add(index);
    return this.#reveal();
  }

  markStored(index: number): Result<void> {
    if (this.#slots[index]?.level !== 0) return this.#unknown(index);
    this.#accepted.add(index);
    return ok(undefined);
  }

  #unknown(index: number): Result<never> {
    return fail('E_ERIS_BLOCK_UNKNOWN', { index, known: this.#slots.length });
  }

  #reveal(): Result<{ readonly newlyKnown: number }> {
    const before = this.#slots.length;
    for (;;) {
      const slot = this.#slots[this.#next];
      const node = this.#waiting.get(this.#next);
      if (slot === undefined || node === undefined) return ok({ newlyKnown: this.#slots.length - before });
      const children = this.#addChildren(slot, node);
      if (!children.ok) return children;
      this.#waiting.delete(this.#next);
      this.#next++;
    }
  }

  #addChildren(parent: PlannedBlock, node: Uint8Array): Result<void> {
    const pairs = this.#pairsOf(parent);
    const level = parent.level - 1;
    for (let i = 0; i < pairs; i++) {
      const pair = pairAt(node, i);
      const isLast = parent.isLast && i === pairs - 1;
      const name = toHex(pair.reference);
      const earlier = this.#byReference.get(name);
      if (earlier === undefined) this.#append(name, pair, level, isLast);
      else if (!this.#canRepeat(earlier, pair, level, isLast)) {
        return fail('E_ERIS_SHAPE', { problem: `a block of level ${level} is repeated where it cannot be` });
      }
    }
    return ok(undefined);
  }

  #append(name: string, { reference, key }: ReferenceKeyPair, level: number, isLast: boolean): void {
    const slot = { index: this.#slots.length, reference, key, level, isLast };
    this.#slots.push(slot);
    this.#byReference.set(name, slot);
  }

  /** A repeated reference stands for the same subtree: same level, same key, and no fewer leaves at the right edge. */
  #canRepeat(earlier: PlannedBlock, pair: ReferenceKeyPair, level: number, isLast: boolean): boolean {
    const sameBlock = earlier.level === level && equalBytes(earlier.key, pair.key);
    return sameBlock && (earlier.isLast === isLast || this.#isFullAtEdge(level));
  }

  /** Whether the rightmost node of `level`, and all under it at the right edge, are full. */
  #isFullAtEdge(level: number): boolean {
    const arity = arityOf(this.shape.blockSize);
    const [leaves = 0] = this.shape.counts;
    return leaves % arity ** level === 0;
  }

  #pairsOf({ level, isLast }: PlannedBlock): number {
    return isLast
      ? pairsInNode(this.shape, level, (this.shape.counts[level] ?? 0) - 1)
      : arityOf(this.shape.blockSize);
  }
}
