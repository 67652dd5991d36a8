import { toBase32 } from '../encoding/base32.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { REFERENCE_BYTES, type BlockSize } from './capability.ts';
import { nobleKernel, type BlockKernel } from './kernel.ts';
import { PAIR_BYTES } from './tree-shape.ts';

/** Where a block is found and how it is decrypted: the entry of a node. */
export interface ReferenceKeyPair {
  readonly reference: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * Checks a block that somebody sent for `reference`: its size and its hash. Needs no key, so carriers can do it too.
 * `E_ERIS_BLOCK_LENGTH` or `E_ERIS_BLOCK_HASH`: whoever sent it is at fault.
 */
export function checkBlock(
  block: Uint8Array,
  reference: Uint8Array,
  blockSize: BlockSize,
  kernel: BlockKernel = nobleKernel,
): Result<void> {
  if (block.length !== blockSize) {
    const fields = { reference: toBase32(reference), have: block.length, want: blockSize };
    return fail('E_ERIS_BLOCK_LENGTH', fields);
  }
  return equalBytes(kernel.referenceOf(block), reference)
    ? ok(undefined)
    : fail('E_ERIS_BLOCK_HASH', { reference: toBase32(reference) });
}

/**
 * Decrypts a node whose hash was checked and verifies its own key and form (ERIS 1.0 §2.4): the null pairs that fill
 * it up must be nothing but zeros. With `pairs` it must hold exactly so many. Errors: `E_ERIS_KEY`, `E_ERIS_SHAPE`.
 */
export function openNode(
  block: Uint8Array,
  key: Uint8Array,
  level: number,
  pairs: number | undefined,
  kernel: BlockKernel,
): Result<Uint8Array> {
  const node = kernel.decrypt(block, key, level);
  if (!equalBytes(kernel.keyOf(node), key)) return fail('E_ERIS_KEY', { level });
  const found = countPairs(node);
  const isWellFormed = found > 0 && found === (pairs ?? found) && isZero(node, found * PAIR_BYTES);
  if (isWellFormed) return ok(node);
  const wanted = pairs === undefined ? 'children' : `${pairs} children`;
  return fail('E_ERIS_SHAPE', { problem: `a node of level ${level} does not hold ${wanted} and then zeros` });
}

/** Pairs of a decrypted node before its first null reference. */
export function countPairs(node: Uint8Array): number {
  const arity = node.length / PAIR_BYTES;
  let count = 0;
  while (count < arity && !isZero(node, count * PAIR_BYTES, count * PAIR_BYTES + REFERENCE_BYTES)) count++;
  return count;
}

/** Pair `index` of a decrypted node, copied out of it. */
export function pairAt(node: Uint8Array, index: number): ReferenceKeyPair {
  const start = index * PAIR_BYTES;
  const middle = start + REFERENCE_BYTES;
  return { reference: node.slice(start, middle), key: node.slice(middle, start + PAIR_BYTES) };
}

/** Content bytes in the last leaf: what stands before the 0x80 and the zeros behind it. `E_ERIS_PADDING` without them. */
export function unpaddedLength(leaf: Uint8Array): Result<number> {
  let end = leaf.length - 1;
  while (end > 0 && leaf[end] === 0) end--;
  return leaf[end] === 0x80 ? ok(end) : fail('E_ERIS_PADDING');
}

function isZero(bytes: Uint8Array, start: number, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
