import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { sha256, sha256Each } from '../crypto/sha256.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/** Length of every hash in the tree: SHA-256. */
export const HASH_BYTES = 32;

const LEAF = 0;
const NODE = 1;
const LEAF_PREFIX = Uint8Array.of(LEAF);
const NODE_PREFIX = Uint8Array.of(NODE);

/** Root of the tree without entries: SHA-256 of nothing (RFC 6962 §2.1). */
export const emptyRoot: Uint8Array = sha256();

/** Hash of one log entry: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, entry);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** `leafHash` of each entry, several times as fast as one by one. */
export function leafHashes(entries: readonly Uint8Array[]): Uint8Array[] {
  return sha256Each(LEAF, entries);
}

/** Told of all nodes of one height that an append completes, in order; first of the leaves (height 0), then upward. */
export type NodeListener = (height: number, hashes: readonly Uint8Array[]) => void;

/**
 * A Merkle tree reduced to the roots of its perfect subtrees, largest first, one for each set bit of its size: all that
 * is needed to append and to compute the root. At most 53 hashes.
 */
export class CompactRange {
  readonly #hashes: Uint8Array[];
  #size: number;

  private constructor(hashes: Uint8Array[], size: number) {
    this.#hashes = hashes;
    this.#size = size;
  }

  /** The range of `size` leaves with these subtree roots, largest first. Throws E_TREE_SHAPE when they do not fit. */
  static of(hashes: readonly Uint8Array[] = [], size = 0): CompactRange {
    const fits =
      isCount(size) && hashes.length === setBits(size) && hashes.every((hash) => hash.length === HASH_BYTES);
    if (!fits) throw new AssayError('E_TREE_SHAPE', { size, hashes: hashes.length });
    return new CompactRange([...hashes], size);
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the perfect subtrees, largest first. */
  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  /** Appends one leaf. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2)
      node = nodeHash(this.#popSubtree(), node);
    this.#hashes.push(node);
    this.#size += 1;
  }

  /** Appends leaves, height by height; `onNodes` hears of them and of every inner node they complete. */
  appendAll(leaves: readonly Uint8Array[], onNodes?: NodeListener): void {
    /** Roots of the perfect subtrees that the new leaves end in, smallest first. */
    const ends: Uint8Array[] = [];
    let nodes: readonly Uint8Array[] = leaves;
    let position = this.#size;
    for (let height = 0; nodes.length > 0; height++) {
      onNodes?.(height, nodes);
      const row = position % 2 === 1 ? [this.#popSubtree(), ...nodes] : nodes;
      const last = row.length % 2 === 1 ? row.at(-1) : undefined;
      if (last !== undefined) ends.push(last);
      nodes = parentsOf(row);
      position = Math.floor(position / 2);
    }
    this.#hashes.push(...ends.toReversed());
    this.#size += leaves.length;
  }

  /** Root of the whole tree (RFC 6962 §2.1). */
  root(): Uint8Array {
    return this.#hashes.length === 0 ? emptyRoot : foldSubtrees(this.#hashes);
  }

  clone(): CompactRange {
    return new CompactRange([...this.#hashes], this.#size);
  }

  #popSubtree(): Uint8Array {
    const hash = this.#hashes.pop();
    if (hash === undefined) throw new AssayError('E_TREE_SHAPE', { size: this.#size, hashes: 0 });
    return hash;
  }
}

/** The nodes above pairs of nodes; one that is left over has no parent yet. */
function parentsOf(row: readonly Uint8Array[]): Uint8Array[] {
  const pairs: Uint8Array[] = [];
  for (let i = 0; i + 1 < row.length; i += 2) {
    const [left, right] = [row[i], row[i + 1]];
    if (left !== undefined && right !== undefined) pairs.push(concatBytes(left, right));
  }
  return sha256Each(NODE, pairs);
}

/** Joins adjacent perfect subtrees, largest first and at least one, into the root of the tree they make up. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

/**
 * Checks that the entry with hash `leaf` is number `index` of the tree with `size` entries and root `root`. `proof` runs
 * from the leaf's sibling up (RFC 9162 §2.1.3.2). Fails with E_INCLUSION.
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Result<void> {
  const refused = () => fail('E_INCLUSION', { index, size });
  if (!isCount(index) || !isCount(size) || index >= size) return refused();
  if (![leaf, root, ...proof].every((hash) => hash.length === HASH_BYTES)) return refused();
  let node = leaf;
  let position = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return refused();
    if (position % 2 === 1 || position === last) {
      node = nodeHash(sibling, node);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = half(last);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && equalBytes(node, root) ? ok(undefined) : refused();
}

/**
 * Checks that the tree with `size1` entries and root `root1` is the beginning of the one with `size2` entries and root
 * `root2` (RFC 9162 §2.1.4.2). The empty tree is refused as a beginning: it is one of every tree and proves nothing.
 * Fails with E_CONSISTENCY.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): Result<void> {
  const refused = () => fail('E_CONSISTENCY', { size1, size2 });
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) return refused();
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2) ? ok(undefined) : refused();
  if (![root1, root2, ...proof].every((hash) => hash.length === HASH_BYTES)) return refused();
  const path = setBits(size1) === 1 ? [root1, ...proof] : proof;
  let position = size1 - 1;
  let last = size2 - 1;
  while (position % 2 === 1) {
    position = half(position);
    last = half(last);
  }
  const [start, ...rest] = path;
  if (start === undefined) return refused();
  let node1 = start;
  let node2 = start;
  for (const sibling of rest) {
    if (last === 0) return refused();
    if (position % 2 === 1 || position === last) {
      node1 = nodeHash(sibling, node1);
      node2 = nodeHash(sibling, node2);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = half(last);
      }
    } else {
      node2 = nodeHash(node2, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && equalBytes(node1, root1) && equalBytes(node2, root2) ? ok(undefined) : refused();
}

/** Sizes and indices are exact: safe integers, never negative. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Arithmetic instead of bit operators: sizes go beyond 32 bits. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function setBits(value: number): number {
  let bits = 0;
  for (let rest = value; rest > 0; rest = half(rest)) bits += rest % 2;
  return bits;
}
