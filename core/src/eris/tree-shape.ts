import { fail, ok, type Result } from '../errors/result.ts';
import { KEY_BYTES, maxLevel, REFERENCE_BYTES, type BlockSize, type ReadCapability } from './capability.ts';

/** Bytes of a reference-key pair, the entry of a node. */
export const PAIR_BYTES = REFERENCE_BYTES + KEY_BYTES;

/** How many blocks the tree of a content has on each level. It follows from the content's length alone. */
export interface TreeShape {
  readonly blockSize: BlockSize;
  readonly contentLength: number;
  /** Level of the root. */
  readonly level: number;
  /** Number of blocks by level, leaves (level 0) first. The last number is 1. Repeated blocks count each time. */
  readonly counts: readonly number[];
}

/** Pairs that fit in a node: 16 or 512. */
export function arityOf(blockSize: BlockSize): number {
  return blockSize / PAIR_BYTES;
}

/** Leaves of a content. Padding takes at least one byte, so a content of exactly k blocks has k + 1 leaves. */
export function leafCount(contentLength: number, blockSize: BlockSize): number {
  return Math.floor(contentLength / blockSize) + 1;
}

/** Level of the root block of a content of this length. */
export function expectedLevel(contentLength: number, blockSize: BlockSize): number {
  return blockCounts(contentLength, blockSize).length - 1;
}

/** Blocks in the pack of a content of this length, if no two of them are equal. No pack has more. */
export function packBlockCount(contentLength: number, blockSize: BlockSize): number {
  return blockCounts(contentLength, blockSize).reduce((sum, count) => sum + count, 0);
}

/** Bytes of the pack of a content of this length, if no two blocks are equal. No pack is larger. */
export function packSize(contentLength: number, blockSize: BlockSize): number {
  return packBlockCount(contentLength, blockSize) * blockSize;
}

/** The shape of the tree of a content of this length. */
export function treeShape(contentLength: number, blockSize: BlockSize): TreeShape {
  const counts = blockCounts(contentLength, blockSize);
  return { blockSize, contentLength, level: counts.length - 1, counts };
}

/**
 * The shape of the tree behind a capability whose content is said to have `size` bytes. Nothing is allocated by size.
 * `E_ERIS_LEVEL` for a tree above the cap, `E_ERIS_SIZE` when size and level cannot belong together.
 */
export function shapeOf(capability: ReadCapability, size: number): Result<TreeShape> {
  const { blockSize, level } = capability;
  const limit = maxLevel(blockSize);
  if (level > limit) return fail('E_ERIS_LEVEL', { level, limit });
  const possible = Number.isSafeInteger(size) && size >= 0 && expectedLevel(size, blockSize) === level;
  return possible
    ? ok(treeShape(size, blockSize))
    : fail('E_ERIS_SIZE', { have: sizeRange(capability), want: size });
}

/** Pairs of the node at `position` (counted from the left) of `level`: all nodes but the last of a level are full. */
export function pairsInNode(shape: TreeShape, level: number, position: number): number {
  const arity = arityOf(shape.blockSize);
  const children = shape.counts[level - 1] ?? 0;
  return Math.min(arity, children - position * arity);
}

function blockCounts(contentLength: number, blockSize: BlockSize): number[] {
  const arity = arityOf(blockSize);
  let count = leafCount(contentLength, blockSize);
  const counts = [count];
  while (count > 1) {
    count = Math.ceil(count / arity);
    counts.push(count);
  }
  return counts;
}

/** The lengths a content can have under a root of this level, for people: `16384 to 262143`. */
function sizeRange({ blockSize, level }: ReadCapability): string {
  const arity = arityOf(blockSize);
  const smallest = level === 0 ? 0 : arity ** (level - 1) * blockSize;
  return `${smallest} to ${arity ** level * blockSize - 1}`;
}
